using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Processes;

/// <summary>Stands on the public port of a service with several replicas and hands each connection to the next one that accepts it.</summary>
internal sealed class ReplicaProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly IReadOnlyList<TcpListener> _listeners;
    private readonly IReadOnlyList<int> _replicas;
    private readonly Func<int, bool> _isUsable;
    private readonly Task _accepting;
    private int _next;

    /// <param name="port">The public port.</param>
    /// <param name="replicas">The ports of the replicas.</param>
    /// <param name="isUsable">Whether a replica, by its index, is to be preferred now.</param>
    public ReplicaProxy(int port, IReadOnlyList<int> replicas, Func<int, bool> isUsable)
    {
        _replicas = replicas;
        _isUsable = isUsable;
        _listeners = Listen(port);
        _accepting = Task.WhenAll(_listeners.Select(AcceptAsync));
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        foreach (var listener in _listeners)
            listener.Dispose();

        await _accepting;
        _ending.Dispose();
    }

    private static List<TcpListener> Listen(int port)
    {
        var listeners = new List<TcpListener>(2);
        IPAddress[] addresses = Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];
        foreach (var address in addresses)
        {
            var listener = new TcpListener(address, port);
            try
            {
                listener.Start();
                listeners.Add(listener);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
            {
                listener.Dispose();
            }
        }

        return listeners;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptSocketAsync(_ending.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The stack ends.
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        using (caller)
        {
            try
            {
                using var replica = await ConnectAsync();
                if (replica is null)
                    return;

                caller.NoDelay = replica.NoDelay = true;
                await using var inner = new NetworkStream(replica);
                await using var outer = new NetworkStream(caller);
                await Task.WhenAll(PumpAsync(outer, inner, replica), PumpAsync(inner, outer, caller));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side went away; closing both tells the other.
            }
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Socket toSocket)
    {
        await from.CopyToAsync(to, _ending.Token);
        toSocket.Shutdown(SocketShutdown.Send);
    }

    // First those that are known to be well, then any: health may lag behind.
    private async Task<Socket?> ConnectAsync()
    {
        var start = (int)((uint)Interlocked.Increment(ref _next) % (uint)_replicas.Count);
        var order = Enumerable.Range(0, _replicas.Count).Select(i => (start + i) % _replicas.Count).OrderBy(i => _isUsable(i) ? 0 : 1);
        foreach (var index in order.ToArray())
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _replicas[index]), _ending.Token);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }

        return null;
    }
}
