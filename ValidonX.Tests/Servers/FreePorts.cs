using System.Net;
using System.Net.Sockets;

namespace ValidonX.Tests.Servers;

/// <summary>Ports of the loopback interface that nobody uses at this moment.</summary>
internal static class FreePorts
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
