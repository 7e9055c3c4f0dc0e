using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.Servers;

/// <summary>
/// A real database server of this test's own, on a free loopback port with its data in a temporary folder. It can be killed,
/// restarted, frozen and thawed. Usable directly or as a class or collection fixture.
/// </summary>
public sealed class DatabaseServerProcess : IAsyncLifetime
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("validonx-database-");
    private Process? _process;

    /// <summary>The administrator.</summary>
    public const string User = "root";

    /// <summary>The administrator's password, with characters that need care in SQL and in connection strings.</summary>
    public const string Password = "root-password-'\\;=1";

    public int Port { get; } = FreePorts.Next();

    /// <summary>Arguments of this server beyond those of every one.</summary>
    internal IReadOnlyList<string> MoreArguments { get; init; } = [];

    /// <summary>Whether it is MySQL itself and not MariaDB.</summary>
    public static bool IsMySql => DatabaseServerProgram.IsMySql;

    /// <summary>The administrator's connection string.</summary>
    public string ConnectionString(string? database = null) =>
        new System.Data.Common.DbConnectionStringBuilder
        {
            ["Server"] = "127.0.0.1",
            ["Port"] = Port,
            ["User ID"] = User,
            ["Password"] = Password,
            ["Database"] = database ?? "",
        }.ConnectionString;

    /// <summary>The administrator's login.</summary>
    internal DatabaseLogin Login => new("127.0.0.1", (uint)Port, User, Password);

    public async ValueTask InitializeAsync()
    {
        await DatabaseServerProgram.CreateDataAsync(Data);
        await StartAsync();
    }

    /// <summary>Starts the server with the data it has and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var accounts = Path.Combine(_folder.FullName, "accounts.sql");
        var password = Password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            accounts,
            $"""
            CREATE USER IF NOT EXISTS '{User}'@'%' IDENTIFIED BY '{password}';
            GRANT ALL PRIVILEGES ON *.* TO '{User}'@'%' WITH GRANT OPTION;
            {(IsMySql ? "" : "DELETE FROM mysql.global_priv WHERE User = '';\nDROP USER IF EXISTS 'root'@'127.0.0.1';\nDROP USER IF EXISTS 'root'@'::1';\nFLUSH PRIVILEGES;")}

            """);
        var start = new ProcessStartInfo(DatabaseServerProgram.Program.Path)
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "--no-defaults", $"--datadir={Data.FullName}", $"--tmpdir={_folder.FullName}", $"--socket={Path.Combine(_folder.FullName, "s")}",
                $"--pid-file={Path.Combine(_folder.FullName, "pid")}", string.Create(CultureInfo.InvariantCulture, $"--port={Port}"),
                "--bind-address=127.0.0.1", "--max-connections=500", "--skip-name-resolve", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=2",
                "--innodb-buffer-pool-size=64M", "--performance-schema=OFF", $"--init-file={accounts}",
            },
        };
        foreach (var argument in DatabaseServerProgram.Arguments.Concat(MoreArguments)) start.ArgumentList.Add(argument);
        foreach (var (name, value) in DatabaseServerProgram.Program.Environment) start.Environment[name] = value;

        _process = Process.Start(start) ?? throw new InvalidOperationException("The database server did not start.");
        var output = new System.Text.StringBuilder();
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;

        var patience = Stopwatch.StartNew();
        while (!await AnswersAsync())
        {
            if (_process.HasExited || patience.Elapsed > StartPatience)
            {
                lock (output) throw new InvalidOperationException($"The database server does not answer on port {Port}: {output}");
            }
        }

        void Keep(string? line)
        {
            lock (output) output.AppendLine(line);
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

    /// <summary>Stops the process in its tracks (SIGSTOP): connections stay open and nothing answers.</summary>
    public Task FreezeAsync() => Signals.SendAsync(_process!, "STOP");

    /// <summary>Lets a frozen process go on (SIGCONT).</summary>
    public Task ThawAsync() => Signals.SendAsync(_process!, "CONT");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
    }

    private DirectoryInfo Data => new(Path.Combine(_folder.FullName, "data"));

    /// <summary>A server greets with its protocol version, 10, once it takes logins.</summary>
    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            var greeting = new byte[5];
            await client.GetStream().ReadExactlyAsync(greeting);
            return greeting[4] == 10;
        }
        catch (Exception notYet) when (notYet is SocketException or IOException)
        {
            await Task.Yield();
            return false;
        }
    }

    private void KillAtExit(object? sender, EventArgs e) => _process?.Kill();
}
