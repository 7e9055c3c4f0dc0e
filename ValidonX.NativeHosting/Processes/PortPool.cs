using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Processes;

/// <summary>Finds free ports and keeps them taken until the processes that shall listen on them start.</summary>
/// <remarks>
/// Random ports below the range that systems hand out to outgoing connections, so that neither a connection nor another stack on this
/// machine takes one between its release here and its use.
/// </remarks>
internal sealed class PortPool : IDisposable
{
    private const int First = 20_000;
    private const int Last = 32_000;
    private const int Attempts = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Socket[]> _reserved = [];

    /// <summary>Reserves any free port.</summary>
    public int Reserve()
    {
        lock (_gate)
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var port = Random.Shared.Next(First, Last);
                if (!_reserved.ContainsKey(port) && TryBind(port) is { } sockets)
                {
                    _reserved[port] = sockets;
                    return port;
                }
            }
        }

        throw new DistributedApplicationException($"No free port was found between {First} and {Last}.");
    }

    /// <summary>Reserves a certain port.</summary>
    /// <exception cref="DistributedApplicationException">Something listens on it already.</exception>
    public int Reserve(int port, string resourceName)
    {
        lock (_gate)
        {
            if (_reserved.ContainsKey(port))
                throw new DistributedApplicationException($"Port {port} is given to two resources, one of them '{resourceName}'.");

            _reserved[port] = TryBind(port) ?? throw new DistributedApplicationException(
                $"Port {port}, which '{resourceName}' needs, is taken by another process: end that one first (ss -ltnp 'sport = :{port}' shows it).");
            return port;
        }
    }

    /// <summary>Lets go of a port, so that its process can listen on it.</summary>
    public void Release(int port)
    {
        lock (_gate)
        {
            if (_reserved.Remove(port, out var sockets))
                Close(sockets);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var sockets in _reserved.Values)
                Close(sockets);

            _reserved.Clear();
        }
    }

    private static Socket[]? TryBind(int port)
    {
        var bound = new List<Socket>(2);
        IPAddress[] addresses = Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                // Only listening keeps others out: two sockets that are merely bound can share a port.
                socket.Bind(new IPEndPoint(address, port));
                socket.Listen();
                bound.Add(socket);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
            {
                socket.Dispose();
            }
            catch (SocketException)
            {
                socket.Dispose();
                Close(bound);
                return null;
            }
        }

        return [.. bound];
    }

    private static void Close(IEnumerable<Socket> sockets)
    {
        foreach (var socket in sockets)
            socket.Dispose();
    }
}
