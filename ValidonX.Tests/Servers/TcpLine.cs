using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ValidonX.Tests.Servers;

/// <summary>A line to a server on a port of its own, which can be held up, cut and mended while the server goes on for everyone else.</summary>
internal sealed class TcpLine : IAsyncDisposable
{
    private readonly int _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Socket> _open = [];
    private readonly Task _accepting;
    private volatile TaskCompletionSource _passing = new();
    private volatile bool _isCut;

    public TcpLine(int target)
    {
        _target = target;
        _passing.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Host and port.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>From now on nothing gets through, and nobody is told.</summary>
    public void Hold() => _passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on every connection breaks.</summary>
    public void Cut()
    {
        _isCut = true;
        Break();
    }

    /// <summary>Everything gets through again, also what was held up.</summary>
    public void Mend()
    {
        _isCut = false;
        _passing.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Mend();
        Break();
        await _accepting;
        _end.Dispose();
    }

    private void Break()
    {
        lock (_gate)
        {
            foreach (var socket in _open)
            {
                socket.Dispose();
            }

            _open.Clear();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                if (_isCut)
                {
                    client.Dispose();
                    continue;
                }

                _ = ConnectAsync(client);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The line is given up.
        }
    }

    private async Task ConnectAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (_gate)
        {
            _open.AddRange([client, server]);
        }

        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            await Task.WhenAny(PassAsync(client, server), PassAsync(server, client));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One end has gone, so does the other.
        }

        client.Dispose();
        server.Dispose();
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is > 0 and var count)
            {
                await _passing.Task;
                await to.SendAsync(buffer.AsMemory(0, count), _end.Token);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // As above.
        }
    }
}
