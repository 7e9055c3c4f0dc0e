using System.Net;
using System.Net.Sockets;

namespace ValidonX.Platform.Callers;

/// <summary>
/// What one caller commands of the address space: an IPv4 address, also when it comes mapped into IPv6, or the /64 of an IPv6 address. Where callers
/// are told apart by where they come from, it is by this.
/// </summary>
public static class ClientNetwork
{
    private const int PrefixBytes = 8;

    /// <summary><c>203.0.113.9</c> or <c>2001:db8::/64</c>; empty for no address.</summary>
    public static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(PrefixBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    /// <summary>The same of an address in text; empty for what is none.</summary>
    public static string Of(string? address) => IPAddress.TryParse(address, out var parsed) ? Of(parsed) : "";
}
