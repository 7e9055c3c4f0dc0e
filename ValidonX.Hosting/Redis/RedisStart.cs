using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ValidonX.Hosting.Data;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.Redis;

/// <summary>Prepares the process of a Redis server.</summary>
internal sealed class RedisStart(DataFolder data)
{
    public async Task<ServerArguments> PrepareAsync(RedisResource server, Func<string, Task> tell, CancellationToken cancellationToken)
    {
        var folder = data.ForServer(server.VolumeName(), "redis");
        var pidFile = Path.Combine(folder, "redis.pid");
        await FormerProcess.EndedAsync(pidFile, "-server", tell, cancellationToken);
        var password = await server.PasswordParameter.GetValueAsync(cancellationToken);
        var optionFile = Path.Combine(folder, "redis.conf");
        List<string> options =
        [
            string.Create(CultureInfo.InvariantCulture, $"port {server.PrimaryEndpoint.Port}"), "bind 127.0.0.1", "daemonize no",
            $"dir {Quote(DataFolder.CreatePrivate(Path.Combine(folder, "content")))}", $"pidfile {Quote(pidFile)}", $"requirepass {Quote(password!)}",
            .. Persistence(server),
        ];
        PrivateFile.Write(optionFile, string.Join('\n', options) + "\n");
        return new(optionFile, []);
    }

    private static string[] Persistence(RedisResource server)
    {
        if (!server.TryGetLastAnnotation<RedisPersistence>(out var persistence))
            return ["save \"\"", "appendonly no"];

        var seconds = Math.Max(1, (long)persistence.Interval.TotalSeconds);
        return [string.Create(CultureInfo.InvariantCulture, $"save {seconds} {persistence.KeysChanged}"), "appendonly yes", "appendfsync everysec"];
    }

    private static string Quote(string text) => text.Any(char.IsControl)
        ? throw new DistributedApplicationException("A Redis setting contains a control character; choose another password or folder.")
        : $"\"{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
