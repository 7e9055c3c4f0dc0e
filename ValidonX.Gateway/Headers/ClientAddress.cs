using System.Net;

namespace ValidonX.Gateway.Headers;

/// <summary>Where a request comes from.</summary>
internal static class ClientAddress
{
    /// <summary>The connection's far end (behind trusted proxies: what they say), IPv4 as such also on a dual-stack socket.</summary>
    public static IPAddress Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
