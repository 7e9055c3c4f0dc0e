using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using ValidonX.Gateway.Headers;
using ValidonX.Gateway.Limits;
using ValidonX.Gateway.Routing;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;
using ValidonX.RateLimiting;
using Yarp.ReverseProxy.Forwarder;

namespace ValidonX.Gateway.Forwarding;

/// <summary>
/// One request's exchange with the licensing APIs: makes the message that a destination gets, and takes its answer over; one pass over the
/// headers each.
/// </summary>
internal sealed class UpstreamExchange(GatewayRequest request, RetryBudget budget, LeaseEngine limits) : HttpTransformer
{
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string ForwardedProto = "X-Forwarded-Proto";

    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Whether a 502 or 503 of the destination is to be dropped, because another destination will be asked, if the budget allows it.</summary>
    public bool DropsUnavailable { get; set; }

    /// <summary>Whether such an answer was dropped.</summary>
    public bool WasUnavailable { get; set; }

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken)
    {
        proxyRequest.RequestUri = new Uri(string.Concat(destinationPrefix, request.UpstreamPath), Verbatim);

        var headers = proxyRequest.Headers;
        var content = proxyRequest.Content?.Headers;
        var given = httpContext.Request.Headers;
        foreach (var (name, value) in given)
        {
            if (RequestHeaderPolicy.IsForwarded(name))
            {
                Add(headers, content, name, value);
            }
        }

        headers.TryAddWithoutValidation(InternalHeaders.Context, request.SignedContext);
        headers.TryAddWithoutValidation(RequestIds.Header, RequestIds.Of(httpContext));
        headers.TryAddWithoutValidation(ForwardedFor, ClientAddress.Of(httpContext).ToString());
        headers.TryAddWithoutValidation(ForwardedProto, httpContext.Request.Scheme);
        headers.TryAddWithoutValidation(ForwardedHost, given.Host.ToString());

        // The span of our own, if there is one; else the caller's passes through.
        if (Activity.Current is { } span)
        {
            headers.TryAddWithoutValidation(HeaderNames.TraceParent, span.Id);
        }
        else if (given.TraceParent is { Count: 1 } parent)
        {
            headers.TryAddWithoutValidation(HeaderNames.TraceParent, parent.ToString());
            Add(headers, null, HeaderNames.TraceState, given.TraceState);
        }

        return default;
    }

    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return new ValueTask<bool>(false);
        }

        if (DropsUnavailable && proxyResponse.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable && budget.TryWithdraw())
        {
            WasUnavailable = true;
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
}
