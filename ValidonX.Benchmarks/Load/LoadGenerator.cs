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
    /// <param name="perSecond">How many are due in each second, or 0 for as many as are answered. Latencies then begin when a request was due, not when it could be sent.</param>
    public static async Task<LoadResult> RunAsync(
        int port, IReadOnlyList<byte[]> requests, int connections, TimeSpan duration, long most = long.MaxValue, double perSecond = 0)
    {
        var run = new Run(requests, most, Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency), perSecond);
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
            while (Stopwatch.GetTimestamp() < run.End && run.Next(out var due) is { } request)
            {
                var connected = socket ??= await ConnectAsync(port);
                var sent = Stopwatch.GetTimestamp();
                if (due is { } at)
                {
                    if (at > sent)
                    {
                        await Task.Delay(TimeSpan.FromSeconds((at - sent) / (double)Stopwatch.Frequency));
                    }

                    sent = at;
                }

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

    private sealed class Run(IReadOnlyList<byte[]> requests, long most, long end, double perSecond)
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private long _taken = -1;

        public long End => end;

        public byte[]? Next(out long? due)
        {
            var taken = Interlocked.Increment(ref _taken);
            due = perSecond > 0 ? _started + (long)(taken * Stopwatch.Frequency / perSecond) : null;
            return taken < most ? requests[(int)(taken % requests.Count)] : null;
        }
    }
}
