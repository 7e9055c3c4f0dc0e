using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>The processes that a benchmark starts beside the stack; all end with it.</summary>
internal sealed class ChildProcesses : IDisposable
{
    private const string SetSid = "/usr/bin/setsid";

    private readonly List<Process> _processes = [];

    public ChildProcesses()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        // An exception that nobody catches ends the process without the event above.
        AppDomain.CurrentDomain.UnhandledException += (_, _) => Dispose();
    }

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts this program in another role and waits until it listens.</summary>
    public Task StartSelfAsync(int port, params string[] arguments) => StartAsync(Self(arguments), port);

    /// <summary>How this program is started in another role.</summary>
    public static ProcessStartInfo Self(params string[] arguments) =>
        InOwnSession(Environment.ProcessPath!, IsDotNetHost() ? [typeof(ChildProcesses).Assembly.Location, .. arguments] : arguments);

    /// <summary>
    /// In a session of its own, as the stack's services are. Linux shares the cores out by session first: contenders in one session with the load
    /// would be measured under another scheduler than the gateway (a third faster here).
    /// </summary>
    public static ProcessStartInfo InOwnSession(string program, params string[] arguments) =>
        File.Exists(SetSid) ? new ProcessStartInfo(SetSid, [program, .. arguments]) : new ProcessStartInfo(program, arguments);

    /// <summary>Starts a program and waits until it listens.</summary>
    public async Task StartAsync(ProcessStartInfo start, int port)
    {
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        lock (_processes)
        {
            _processes.Add(process);
        }

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
        lock (_processes)
        {
            foreach (var process in _processes)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
                process.Dispose();
            }

            _processes.Clear();
        }
    }

    private static bool IsDotNetHost() =>
        string.Equals(Path.GetFileNameWithoutExtension(Environment.ProcessPath), "dotnet", StringComparison.Ordinal);
}
