using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Endpoints;

/// <summary>A strong entity tag (RFC 9110 §8.8.3) of something that two people may edit at the same time.</summary>
/// <param name="Value">As it stands in the header, in its quotation marks.</param>
internal sealed record EntityTag(string Value)
{
    private const int Bytes = 15;

    /// <summary>The tag of what this text says.</summary>
    public static EntityTag Of(string text) => new($"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, Bytes))}\"");
}

/// <summary>
/// A handler's parameter that is the request's <c>If-Match</c>: the caller changes only what it has seen. Without the header the request is refused with 428 (where it
/// <see cref="EntityTagConventions.MayMatch">may be left out</see>, that is <c>*</c>), with another tag than that of what is there now with 412; <c>*</c> is whatever is there.
/// </summary>
/// <param name="Tags">The tags; <see langword="null"/> is <c>*</c>.</param>
internal sealed record IfMatch(IReadOnlyList<string>? Tags) : IBindableFromHttpContext<IfMatch>, IEndpointParameterMetadataProvider
{
    /// <inheritdoc/>
    public static ValueTask<IfMatch?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var header = context.Request.Headers.IfMatch;
        if (StringValues.IsNullOrEmpty(header))
        {
            header = context.GetEndpoint()?.Metadata.GetMetadata<TagsItsAnswer>() is { MayBeLeftOut: true } ? "*" : throw new ApiException(ApiErrors.PreconditionRequired);
        }

        return header.ToString().Trim() == "*" ? new(new IfMatch(Tags: null))
            : EntityTagHeaderValue.TryParseStrictList(header.ToArray()!, out var tags) ? new(new IfMatch([.. tags.Where(tag => !tag.IsWeak).Select(tag => tag.Tag.ToString())]))
            : throw new ApiException(ApiErrors.Malformed("If-Match must be the ETag of an earlier answer, or *."));
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new TagsItsAnswer(IsConditional: true));

    /// <summary>Why the change is refused, when the thing is not as the caller has seen it. To be asked under the thing's lock.</summary>
    public ApiError? Refusal(EntityTag current) => Tags is null || Tags.Contains(current.Value, StringComparer.Ordinal) ? null : ApiErrors.PreconditionFailed;
}

/// <summary>Endpoint metadata: its answer has an <c>ETag</c>.</summary>
/// <param name="IsConditional">Whether it minds <c>If-Match</c>.</param>
/// <param name="MayBeLeftOut">Whether it does its work without one, too.</param>
internal sealed record TagsItsAnswer(bool IsConditional, bool MayBeLeftOut = false);

/// <summary>An answer with its entity tag.</summary>
internal sealed class TaggedResult(IApiResult answer, EntityTag tag) : IApiResult
{
    /// <inheritdoc/>
    public int Status => answer.Status;

    /// <inheritdoc/>
    public bool IsError => answer.IsError;

    /// <inheritdoc/>
    public string? Location => answer.Location;

    /// <inheritdoc/>
    public byte[] Render() => answer.Render();

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.ETag = tag.Value;
        if (HttpMethods.IsGet(httpContext.Request.Method) && IsKnown(httpContext.Request.Headers.IfNoneMatch))
        {
            Envelope.SetHeaders(httpContext);
            httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return answer.ExecuteAsync(httpContext);
    }

    private bool IsKnown(StringValues ifNoneMatch) =>
        EntityTagHeaderValue.TryParseList(ifNoneMatch.ToArray()!, out var tags) && tags.Any(known => known.Tag == "*" || known.Tag == tag.Value);
}

internal static class EntityTagConventions
{
    /// <summary>Puts the entity tag on the answer; a GET of what the caller has already is 304.</summary>
    public static IApiResult Tagged(this IApiResult answer, EntityTag tag) => new TaggedResult(answer, tag);

    /// <summary>Says that <c>If-Match</c> may be left out: for changes that could be asked for before their things had tags.</summary>
    public static TBuilder MayMatch<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new TagsItsAnswer(IsConditional: true, MayBeLeftOut: true));
        return builder;
    }

    /// <summary>Says that the endpoint's answer has an <c>ETag</c>.</summary>
    public static TBuilder TagsAnswers<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new TagsItsAnswer(IsConditional: false));
        return builder;
    }
}
