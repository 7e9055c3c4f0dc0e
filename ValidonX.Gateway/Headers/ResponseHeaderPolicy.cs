using System.Collections.Frozen;
using Microsoft.Net.Http.Headers;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;

namespace ValidonX.Gateway.Headers;

/// <summary>Which of a destination's headers a caller gets: all but those of one connection, those that we set, and those that tell what runs inside.</summary>
internal static class ResponseHeaderPolicy
{
    private const string RateLimitPrefix = "X-RateLimit-";

    private static readonly FrozenSet<string> Dropped = new[]
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyConnection, HeaderNames.TransferEncoding, HeaderNames.TE,
        HeaderNames.Trailer, HeaderNames.Upgrade, HeaderNames.AltSvc, HeaderNames.ProxyAuthenticate,

        // Set by us.
        RequestIds.Header, Envelope.VersionHeader, HeaderNames.Date,

        // Nobody's business.
        HeaderNames.Server, HeaderNames.XPoweredBy, "X-AspNet-Version", "Via",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the header goes on.</summary>
    public static bool IsForwarded(string name) =>
        !Dropped.Contains(name)
        && ((name[0] | 0x20) != 'x'
            || (!name.StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase)
                && !name.StartsWith(RateLimitPrefix, StringComparison.OrdinalIgnoreCase)));
}
