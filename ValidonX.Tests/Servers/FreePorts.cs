using System.Net;
using System.Net.Sockets;

namespace ValidonX.Tests.Servers;

/// <summary>
/// Ports of the loopback interface that nobody uses at this moment. Below those that systems give to connections by themselves, so that none of the
/// suite's thousands of connections takes one before its server does, and never the same twice.
/// </summary>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int End = 32_000;

    private static readonly HashSet<int> Given = [];
    private static readonly Lock Turn = new();

    public static int Next()
    {
        lock (Turn)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, End);
                if (!Given.Contains(port) && IsFree(port) && Given.Add(port))
                {
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
