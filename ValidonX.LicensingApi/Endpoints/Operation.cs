using Microsoft.AspNetCore.Http.Metadata;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Endpoints;

/// <summary>
/// The declaration of an endpoint beyond what its handler's parameters and its place in a group say: its name, what it does, what it answers and how
/// it can refuse. The API's document is made of it and of nothing else.
/// </summary>
/// <param name="Id">Its name, unique, a verb first: clients name their methods by it.</param>
/// <param name="Summary">What it does, in one short sentence.</param>
/// <param name="Answers">What it can answer when it succeeds, the usual one first.</param>
internal sealed record Operation(string Id, string Summary, IReadOnlyList<Answers> Answers)
{
    /// <summary>What else there is to know, in Markdown.</summary>
    public string? Description { get; init; }

    /// <summary>The refusals that are its own, beside those that follow from who may call it and what it takes.</summary>
    public IReadOnlyList<ApiError> Errors { get; init; } = [];
}

/// <summary>What an operation answers when it succeeds.</summary>
/// <param name="Status">The status.</param>
/// <param name="Data">The type of <c>data</c>, of its items in a list, or <see langword="null"/> when there is no body.</param>
internal sealed record Answers(int Status, Type? Data)
{
    /// <summary>Whether it is a list with a cursor.</summary>
    public bool IsPage { get; private init; }

    /// <summary>Whether a <c>Location</c> header goes with it.</summary>
    public bool HasLocation { get; private init; }

    /// <summary>The media type, when it is no envelope.</summary>
    public string? MediaType { get; private init; }

    /// <summary>What goes into the API's document.</summary>
    public ProducesResponseTypeMetadata ToMetadata() =>
        Data is null
            ? new ProducesResponseTypeMetadata(Status, typeof(void))
            : new ProducesResponseTypeMetadata(Status, (IsPage ? typeof(EnvelopedPage<>) : typeof(Enveloped<>)).MakeGenericType(Data), ["application/json"]);

    /// <summary>204.</summary>
    public static Answers Nothing { get; } = new(StatusCodes.Status204NoContent, null);

    /// <summary>200 with data.</summary>
    public static Answers Ok<T>() => new(StatusCodes.Status200OK, typeof(T));

    /// <summary>201 with data.</summary>
    public static Answers Created<T>() => new(StatusCodes.Status201Created, typeof(T));

    /// <summary>202 with data.</summary>
    public static Answers Accepted<T>() => new(StatusCodes.Status202Accepted, typeof(T));

    /// <summary>202 with data, and a <c>Location</c> where to see how it goes on.</summary>
    public static Answers AcceptedAt<T>() => new(StatusCodes.Status202Accepted, typeof(T)) { HasLocation = true };

    /// <summary>200 with one page of a list.</summary>
    public static Answers Page<T>() => new(StatusCodes.Status200OK, typeof(T)) { IsPage = true };

    /// <summary>200 with something that is no envelope: a file, a stream of events.</summary>
    public static Answers File(string mediaType) => new(StatusCodes.Status200OK, null) { MediaType = mediaType };
}

internal static class OperationConventions
{
    private const string Json = "application/json";

    /// <summary>Declares the endpoint.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="id">Its name, unique, a verb first: <c>createLicense</c>.</param>
    /// <param name="summary">What it does, in one short sentence.</param>
    /// <param name="answers">What it answers when it succeeds.</param>
    /// <param name="errors">The refusals that are its own.</param>
    public static TBuilder Is<TBuilder>(this TBuilder builder, string id, string summary, Answers answers, params IReadOnlyList<ApiError> errors)
        where TBuilder : IEndpointConventionBuilder =>
        builder.Is(new Operation(id, summary, [answers]) { Errors = errors });

    /// <summary>Declares the endpoint.</summary>
    public static TBuilder Is<TBuilder>(this TBuilder builder, Operation operation)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata([operation, .. operation.Answers.Select(answer => answer.ToMetadata()), new ProducesResponseTypeMetadata(StatusCodes.Status500InternalServerError, typeof(ErrorAnswer), [Json])]);
        return builder;
    }

    /// <summary>Says what an endpoint reads whose handler reads its body itself.</summary>
    public static IEndpointConventionBuilder Reads<TBody>(this IEndpointConventionBuilder builder)
        where TBody : class, IRequest =>
        builder.WithMetadata(new AcceptsMetadata(["application/json"], typeof(TBody), TBody.IsOptional));
}
