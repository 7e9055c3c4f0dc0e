using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using ValidonX.Platform.Redis;

namespace ValidonX.Tests.Servers;

/// <summary>
/// A real redis-server of this test's own, on a free loopback port with its data in a temporary folder. It can be killed, restarted,
/// frozen and thawed. Usable directly or as a class or collection fixture.
/// </summary>
public sealed class RedisServerProcess : IAsyncLifetime
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("validonx-redis-");
    private Process? _process;

    public int Port { get; } = FreePorts.Next();

    /// <summary>Arguments of this server beyond those of every one.</summary>
    internal IReadOnlyList<string> MoreArguments { get; init; } = [];

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public async ValueTask InitializeAsync() => await StartAsync();

    /// <summary>A connection with the platform's settings; the caller disposes it.</summary>
    public ConnectionMultiplexer Connect(string options = "") => RedisClient.Connect(ConnectionString + options);

    /// <summary>Starts the server, empty unless it was killed after <see cref="SaveAsync"/>, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var program = await ServerPrograms.Redis;
        var start = new ProcessStartInfo(program.Path)
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1",
                "--save", "", "--appendonly", "no", "--enable-debug-command", "local", "--daemonize", "no",
            },
        };
        foreach (var argument in MoreArguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in program.Environment) start.Environment[name] = value;
        _process = Process.Start(start) ?? throw new InvalidOperationException("redis-server did not start.");
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;

        var patience = Stopwatch.StartNew();
        while (!await AnswersAsync())
        {
            if (_process.HasExited || patience.Elapsed > StartPatience)
                throw new InvalidOperationException($"redis-server does not answer on port {Port}.");
        }
    }

    /// <summary>Ends the server as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Kills the server and starts it again on the same port.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAsync();
    }

    /// <summary>Writes the data to disk, so that the next start finds what it is now.</summary>
    public Task SaveAsync() => CommandAsync("SAVE");

    /// <summary>Stops the process in its tracks (SIGSTOP): connections stay open and nothing answers.</summary>
    public Task FreezeAsync() => Signals.SendAsync(_process!, "STOP");

    /// <summary>Lets a frozen process go on (SIGCONT).</summary>
    public Task ThawAsync() => Signals.SendAsync(_process!, "CONT");

    /// <summary>Sends one inline command over a connection of its own and returns the first line of the reply.</summary>
    public async Task<string> CommandAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        using var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(command + "\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync() ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return await CommandAsync("PING") == "+PONG";
        }
        catch (Exception notYet) when (notYet is SocketException or IOException)
        {
            await Task.Yield();
            return false;
        }
    }

    private void KillAtExit(object? sender, EventArgs e) => _process?.Kill();
}
