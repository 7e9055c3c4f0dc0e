using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>The processes that a benchmark starts beside the stack; all end with it.</summary>
internal sealed class ChildProcesses : IDisposable
{
    private readonly List<Process> _processes = [];

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts this program in another role and waits until it listens.</summary>
    public Task StartSelfAsync(int port, params string[] arguments) =>
        StartAsync(
            new ProcessStartInfo(Environment.ProcessPath!, IsDotNetHost() ? [typeof(ChildProcesses).Assembly.Location, .. arguments] : arguments),
            port);

    /// <summary>Starts a program and waits until it listens.</summary>
    public async Task StartAsync(ProcessStartInfo start, int port)
    {
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        _processes.Add(process);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!process.HasExited && waited.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(20);
            }
            catch (SocketException)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{start.FileName} does not listen on port {port}."));
            }
        }
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
    }

    private static bool IsDotNetHost() =>
        string.Equals(Path.GetFileNameWithoutExtension(Environment.ProcessPath), "dotnet", StringComparison.Ordinal);
}
