using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using ValidonX.Hosting.Data;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.Redis;

/// <summary>A Redis server as a process of this machine.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="password">The password that clients need.</param>
public sealed class RedisResource(string name, ParameterResource password) : ServerResource(name, password)
{
    /// <summary><c>host:port,password=…</c>.</summary>
    public override ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)},password={PasswordParameter}");

    /// <summary>How often a snapshot is written when that many keys changed; nothing is written to disk when null.</summary>
    internal (TimeSpan Interval, long KeysChanged)? Persistence { get; set; }

    internal override Task<LocalProgram> FindAsync(ServerCatalog catalog, CancellationToken cancellationToken) => catalog.RedisAsync(cancellationToken);

    internal override async Task<string> PrepareAsync(LocalProgram program, ServerFolders folders, Func<string, Task> tell, CancellationToken cancellationToken)
    {
        var folder = folders.ForData("redis");
        var pidFile = Path.Combine(folder, "redis.pid");
        // It writes its own command line: its name and its address.
        await FormerProcess.EndedAsync(pidFile, "-server", tell, cancellationToken);
        var password = await PasswordParameter.GetValueAsync(cancellationToken);
        var content = PrivateFiles.CreateFolder(Path.Combine(folder, "content"));
        string[] options =
        [
            $"port {PrimaryEndpoint.Port}", "bind 127.0.0.1", "daemonize no",
            $"dir {Quote(content, '"')}", $"pidfile {Quote(pidFile, '"')}", $"requirepass {Quote(password!, '"')}",
            .. Persistence is var (interval, keysChanged)
                ? (string[])[$"save {Math.Max(1, (long)interval.TotalSeconds)} {keysChanged}", "appendonly yes", "appendfsync everysec"]
                : ["save \"\"", "appendonly no"],
        ];
        var optionFile = Path.Combine(folder, "redis.conf");
        PrivateFiles.Write(optionFile, string.Join('\n', options) + "\n");
        return optionFile;
    }

    // It answers to PING once it has loaded its data.
    internal override async Task LogInAsync(CancellationToken cancellationToken)
    {
        var password = await PasswordParameter.GetValueAsync(cancellationToken);
        using var client = new TcpClient();
        await client.ConnectAsync(PrimaryEndpoint.Host, PrimaryEndpoint.Port, cancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"AUTH {Quote(password!, '"')}\r\nPING\r\n"), cancellationToken);
        using var reader = new StreamReader(stream);
        foreach (var expected in (string[])["+OK", "+PONG"])
        {
            if (await reader.ReadLineAsync(cancellationToken) is var answer && answer != expected)
                throw new IOException($"Redis answered: {answer ?? "it closed the connection"}");
        }
    }
}
