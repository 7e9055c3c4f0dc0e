using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Limits;

/// <summary>Sign-in attempts: 5 per minute for an address and an e-mail together (CONTRACT §4).</summary>
internal sealed class LoginThrottle(LeaseEngine engine)
{
    private static readonly RateLimitPolicy Policy = new(RateLimitPolicy.Login, 5, QuotaWindow.OfSeconds(60));

    /// <summary>
    /// The layer of one attempt. Addresses of one IPv6 /64 count as one, because one host commands them all; the e-mail is compared without case
    /// and surrounding blanks, and neither reaches Redis in clear.
    /// </summary>
    public RateLimitLayers LayersFor(IPAddress? address, string email)
    {
        var identity = $"{Normalize(address)} {email.Trim().ToUpperInvariant()}";
        var partition = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 16));
        return new(engine.GetPartition("platform", Policy, partition));
    }

    private static string Normalize(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes).ToString();
    }
}
