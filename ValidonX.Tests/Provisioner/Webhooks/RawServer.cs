using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ValidonX.Tests.Provisioner.Webhooks;

/// <summary>A server that misbehaves as the test says.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _what;
    private int _requests;

    public RawServer(string what)
    {
        _what = what;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Requests that it has answered with a redirect.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                _ = await stream.ReadAsync(new byte[8192], _stop.Token);
                switch (_what)
                {
                    case "no HTTP" or "no TLS":
                        await stream.WriteAsync("hello, this is no protocol of yours\r\n\r\n"u8.ToArray(), _stop.Token);
                        break;
                    case "redirect":
                        Interlocked.Increment(ref _requests);
                        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{Port}/elsewhere\r\nContent-Length: 0\r\n\r\n"), _stop.Token);
                        break;
                    case "drip":
                        foreach (var letter in "HTTP/1.1 200 OK\r\nX-Slow: " + new string('x', 200))
                        {
                            await stream.WriteAsync(new[] { (byte)letter }, _stop.Token);
                            await Task.Delay(20, _stop.Token);
                        }

                        break;
                }

                // Until the other end has gone.
                while (await stream.ReadAsync(new byte[4096], _stop.Token) > 0)
                {
                }
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It has.
        }
    }
}
