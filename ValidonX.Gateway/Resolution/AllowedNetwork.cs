using System.Net;
using System.Net.Sockets;

namespace ValidonX.Gateway.Resolution;

/// <summary>Addresses that a key may be used from: single ones and networks in CIDR notation.</summary>
internal static class AllowedNetwork
{
    /// <summary>What an entry that cannot be read becomes: an address nobody has, so that a bad row opens nothing.</summary>
    private static readonly IPNetwork Nowhere = new(IPAddress.None, 32);

    /// <summary>Reads one entry.</summary>
    public static IPNetwork Parse(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        return IPAddress.TryParse(text, out var address)
            ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
            : Nowhere;
    }

    /// <summary>Whether an address belongs to one of the networks.</summary>
    public static bool Contains(IPNetwork[] networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
