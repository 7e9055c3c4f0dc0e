using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Endpoints;

/// <summary>The shape of an answer with data (CONTRACT §1), for the API's document; <see cref="Platform.Api.Envelope"/> writes it.</summary>
internal sealed record Enveloped<T>(T Data, Meta Meta);

/// <summary>The shape of one page of a list.</summary>
internal sealed record EnvelopedPage<T>(IReadOnlyList<T> Data, PageMeta Meta);

/// <summary>The shape of a refusal.</summary>
internal sealed record ErrorAnswer(ShownError Error, Meta Meta);

/// <summary>Why a request was refused.</summary>
/// <param name="Code">What programs tell refusals apart by; stable.</param>
/// <param name="Message">One sentence for a developer.</param>
/// <param name="Type">The first segment of the code in lower case.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Details">More for programs; for <c>VALIDATION.FAILED</c> the sentences about each bad field.</param>
internal sealed record ShownError(string Code, string Message, string Type, int Status, IReadOnlyDictionary<string, object> Details);

/// <summary>What goes with every answer.</summary>
/// <param name="RequestId">The request's id, as in <c>X-Request-ID</c>.</param>
/// <param name="ApiVersion">The version of the API.</param>
internal sealed record Meta(string RequestId, [property: Words("1")] string ApiVersion);

/// <summary>What goes with every page of a list.</summary>
/// <param name="RequestId">The request's id, as in <c>X-Request-ID</c>.</param>
/// <param name="ApiVersion">The version of the API.</param>
/// <param name="NextCursor">Where the next page begins; null on the last one.</param>
internal sealed record PageMeta(string RequestId, [property: Words("1")] string ApiVersion, string? NextCursor);
