using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using ValidonX.Gateway.Headers;
using ValidonX.Gateway.RateLimiting;
using ValidonX.Gateway.Routing;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;
using Yarp.ReverseProxy.Forwarder;

namespace ValidonX.Gateway.Forwarding;

/// <summary>Makes the request that a destination gets, and takes its answer over; one pass over the headers each.</summary>
internal sealed class UpstreamTransformer(LeaseEngine limits) : HttpTransformer
{
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string ForwardedProto = "X-Forwarded-Proto";

    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken)
    {
        var request = httpContext.Features.GetRequiredFeature<GatewayRequest>();
        proxyRequest.RequestUri = new Uri(string.Concat(destinationPrefix, request.UpstreamPath), Verbatim);

        var headers = proxyRequest.Headers;
        var content = proxyRequest.Content?.Headers;
        var connection = httpContext.Request.Headers.Connection;
        foreach (var (name, value) in httpContext.Request.Headers)
        {
            if (RequestHeaderPolicy.IsForwarded(name) && !IsNamedBy(connection, name))
            {
                Add(headers, content, name, value);
            }
        }

        headers.TryAddWithoutValidation(InternalHeaders.Context, request.SignedContext);
        headers.TryAddWithoutValidation(RequestIds.Header, RequestIds.Of(httpContext));
        headers.TryAddWithoutValidation(ForwardedFor, ClientAddress.Of(httpContext).ToString());
        headers.TryAddWithoutValidation(ForwardedProto, httpContext.Request.Scheme);
        headers.TryAddWithoutValidation(ForwardedHost, httpContext.Request.Host.Value);

        // With a span of our own the client sends that one; without, the caller's passes through.
        if (Activity.Current is null && httpContext.Request.Headers.TraceParent is { Count: 1 } parent)
        {
            headers.TryAddWithoutValidation(HeaderNames.TraceParent, parent[0]);
            Add(headers, null, HeaderNames.TraceState, httpContext.Request.Headers.TraceState);
        }

        return default;
    }

    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return new ValueTask<bool>(false);
        }

        if (proxyResponse.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            && httpContext.Features.GetRequiredFeature<GatewayRequest>() is { DropsUnavailable: true } request)
        {
            request.WasUnavailable = true;
            return new ValueTask<bool>(false);
        }

        var headers = httpContext.Response.Headers;
        Copy(proxyResponse.Headers, headers);
        Copy(proxyResponse.Content.Headers, headers);
        RateLimitHeaders.Write(httpContext, limits);
        return new ValueTask<bool>(true);
    }

    /// <summary>Trailers are not part of the API.</summary>
    public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken) =>
        default;

    private static void Add(HttpRequestHeaders headers, HttpContentHeaders? content, string name, StringValues value)
    {
        if (value.Count == 1)
        {
            if (!headers.TryAddWithoutValidation(name, value.ToString()))
            {
                content?.TryAddWithoutValidation(name, value.ToString());
            }
        }
        else if (value.Count > 1 && !headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value))
        {
            content?.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
        }
    }

    private static void Copy(System.Net.Http.Headers.HttpHeaders source, IHeaderDictionary target)
    {
        foreach (var (name, values) in source.NonValidated)
        {
            if (ResponseHeaderPolicy.IsForwarded(name))
            {
                target[name] = values.Count == 1 ? values.ToString() : values.ToArray();
            }
        }
    }

    /// <summary>Whether the caller declared the header to be of its connection only. "keep-alive" and "close" name no header that exists.</summary>
    private static bool IsNamedBy(StringValues connection, string name)
    {
        if (connection.Count == 0 || (connection.Count == 1 && connection[0] is "keep-alive" or "close" or "Keep-Alive"))
        {
            return false;
        }

        foreach (var list in connection)
        {
            foreach (var part in list.AsSpan().Split(','))
            {
                if (list.AsSpan(part).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
