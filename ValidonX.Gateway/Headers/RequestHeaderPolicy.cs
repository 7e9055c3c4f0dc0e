using System.Collections.Frozen;
using Microsoft.Net.Http.Headers;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;

namespace ValidonX.Gateway.Headers;

/// <summary>
/// Which of a caller's headers a destination gets: all but those that concern one connection, prove who the caller is (the signed
/// context replaces them), or would be believed because only we may set them.
/// </summary>
internal static class RequestHeaderPolicy
{
    /// <summary>Names a tenant among a user's; also read by the resolution.</summary>
    public const string TenantId = "X-Tenant-ID";

    /// <summary>Carries an API key.</summary>
    public const string ApiKey = "X-API-Key";

    private const string ForwardedPrefix = "X-Forwarded-";
    private const string OriginalPrefix = "X-Original-";
    private const string ProxyPrefix = "Proxy-";

    private static readonly FrozenSet<string> Dropped = new[]
    {
        // Of one connection (RFC 9110 §7.6.1), and those that our own server or client deals with.
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.TransferEncoding, HeaderNames.TE, HeaderNames.Trailer,
        HeaderNames.Upgrade, "HTTP2-Settings", HeaderNames.UpgradeInsecureRequests, HeaderNames.Expect, HeaderNames.Host,

        // Who the caller is.
        ApiKey, HeaderNames.Authorization, HeaderNames.Cookie, TenantId,

        // Set by us.
        RequestIds.Header, "Forwarded", "X-Real-IP", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override",
        HeaderNames.TraceParent, HeaderNames.TraceState, HeaderNames.Baggage, HeaderNames.RequestId, HeaderNames.CorrelationContext,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the header goes on.</summary>
    public static bool IsForwarded(string name)
    {
        if (Dropped.Contains(name) || name[0] == ':')
        {
            return false;
        }

        return (name[0] | 0x20) switch
        {
            'x' => !name.StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase)
                && !name.StartsWith(ForwardedPrefix, StringComparison.OrdinalIgnoreCase)
                && !name.StartsWith(OriginalPrefix, StringComparison.OrdinalIgnoreCase),
            'p' => !name.StartsWith(ProxyPrefix, StringComparison.OrdinalIgnoreCase),
            _ => true,
        };
    }
}
