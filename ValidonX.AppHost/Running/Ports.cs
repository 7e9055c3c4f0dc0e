using System.Net;
using System.Net.Sockets;

namespace ValidonX.AppHost.Running;

/// <summary>Ports of the loopback interface.</summary>
internal static class Ports
{
    /// <summary>Whether nobody listens on the port.</summary>
    public static bool IsFree(int port)
    {
        IPAddress[] addresses = Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];
        foreach (var address in addresses)
        {
            try
            {
                using var listener = new TcpListener(address, port);
                listener.Start();
            }
            catch (SocketException refused) when (refused.SocketErrorCode != SocketError.AddressNotAvailable)
            {
                return false;
            }
            catch (SocketException)
            {
                // IPv6 is known to the system and has no loopback address here.
            }
        }

        return true;
    }

    /// <summary>A port that nobody listens on at this moment.</summary>
    public static int AnyFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
