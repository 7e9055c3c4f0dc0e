using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ValidonX.Benchmarks.Load;

/// <summary>
/// Sends prepared HTTP/1.1 requests over kept-alive connections, one at a time on each, for a while, and notes every latency. Raw sockets and
/// reused buffers: on a machine where load and server share the cores, what the load costs is taken from what is measured.
/// </summary>
internal static class LoadGenerator
{
    /// <summary>Runs one load.</summary>
    /// <param name="port">Where, on the loopback.</param>
    /// <param name="requests">Whole requests, sent in turn.</param>
    /// <param name="connections">How many at once.</param>
    /// <param name="duration">How long at most.</param>
    /// <param name="most">How many at most; each prepared request is sent at most once when there are as many.</param>
    public static async Task<LoadResult> RunAsync(
        int port, IReadOnlyList<byte[]> requests, int connections, TimeSpan duration, long most = long.MaxValue)
    {
        var run = new Run(requests, most, Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency));
        var started = Stopwatch.GetTimestamp();
        var parts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => ConnectionAsync(port, run))));
        return LoadResult.Merge(parts, Stopwatch.GetElapsedTime(started));
    }

    private static async Task<LoadPart> ConnectionAsync(int port, Run run)
    {
        var part = new LoadPart();
        var buffer = new byte[16 * 1024];
        Socket? socket = null;
        try
        {
            while (Stopwatch.GetTimestamp() < run.End && run.Next() is { } request)
            {
                var connected = socket ??= await ConnectAsync(port);
                var sent = Stopwatch.GetTimestamp();
                try
                {
                    await connected.SendAsync(request);
                    var (status, closed) = await ReadAsync(connected, buffer);
                    part.Note(status, Stopwatch.GetTimestamp() - sent);
                    if (closed)
                    {
                        connected.Dispose();
                        socket = null;
                    }
                }
                catch (SocketException)
                {
                    part.Note(0, Stopwatch.GetTimestamp() - sent);
                    connected.Dispose();
                    socket = null;
                }
            }
        }
        finally
        {
            socket?.Dispose();
        }

        return part;
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private static async ValueTask<(int Status, bool Closed)> ReadAsync(Socket socket, byte[] buffer)
    {
        var filled = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled));
            if (read == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            filled += read;
            if (ResponseReader.TryComplete(buffer.AsSpan(0, filled), out var status, out var close))
            {
                return (status, close);
            }

            if (filled == buffer.Length)
            {
                throw new InvalidOperationException("A response is larger than the load generator reads.");
            }
        }
    }

    private sealed class Run(IReadOnlyList<byte[]> requests, long most, long end)
    {
        private long _taken = -1;

        public long End => end;

        public byte[]? Next()
        {
            var taken = Interlocked.Increment(ref _taken);
            return taken < most ? requests[(int)(taken % requests.Count)] : null;
        }
    }
}
