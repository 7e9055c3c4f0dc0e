using System.Net;
using Microsoft.Extensions.Options;
using ValidonX.Gateway.Limits;
using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Admission;

/// <summary>The quota of one client address on the public routes, over all gateways. Addresses of one IPv6 /64 count as one: one host commands them all.</summary>
internal sealed class AddressLimit(LeaseEngine engine, IOptions<CallLimitOptions> options)
{
    private readonly RateLimitPolicy _policy = new("address", options.Value.AnonymousRequests, QuotaWindow.OfSeconds(60));

    /// <summary>The layer of one request.</summary>
    public RateLimitLayers LayersFor(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return new RateLimitLayers(engine.GetPartition("platform", _policy, Convert.ToHexStringLower(bytes[..Math.Min(length, 8)])));
    }
}
