using System.Net;
using System.Net.Sockets;

namespace ValidonX.Platform.Outbound;

/// <summary>
/// Tells hosts of the internet from our own: what tenants have us call must not be a door to the machines around us. Whatever is set aside for a special
/// purpose (RFC 6890 and its registries) is no host of the internet: loopback, link-local (where clouds keep their metadata), private, shared, documentation, multicast.
/// </summary>
public static class PublicAddress
{
    private const int Ipv4InNat64 = 12;

    private static readonly IPNetwork[] SpecialIpv4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork GlobalIpv6 = IPNetwork.Parse("2000::/3");

    /// <summary>Protocols' own, documentation, and 6to4, in which any IPv4 address could hide.</summary>
    private static readonly IPNetwork[] SpecialIpv6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    /// <summary>How a network without IPv4 reaches an IPv4 host, which decides.</summary>
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether the address can be a host of the internet.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6 && Nat64.Contains(address))
        {
            address = new IPAddress(address.GetAddressBytes().AsSpan(Ipv4InNat64));
        }

        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Array.Exists(SpecialIpv4, network => network.Contains(address))
            : GlobalIpv6.Contains(address) && !Array.Exists(SpecialIpv6, network => network.Contains(address));
    }
}
