using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Aspire.Hosting.Health;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Redis;

/// <summary>Prepares the process of a Redis server.</summary>
internal sealed class RedisLauncher(ServerCatalog servers, DataFolder data) : ILauncher
{
    public bool CanLaunch(IResource resource) => resource is RedisResource;

    public Task FindProgramAsync(IResource resource, CancellationToken cancellationToken) => servers.RedisAsync(cancellationToken);

    public async Task<Launch> PrepareAsync(LaunchRequest request, CancellationToken cancellationToken)
    {
        var server = (RedisResource)request.Resource;
        var program = await servers.RedisAsync(cancellationToken);
        var folder = data.ForResource(server, "redis", out _);
        var password = server.PasswordParameter is null ? null : await server.PasswordParameter.GetValueAsync(cancellationToken);
        var port = request.Port(RedisResource.PrimaryEndpointName);
        var configuration = Path.Combine(folder, "redis.conf");
        PrivateFile.Write(configuration, Options(server, DataFolder.CreatePrivate(Path.Combine(folder, "content")), port, password));
        return new Launch(
            new LaunchSpec(program.Path, [configuration, .. request.Arguments], program.Environment, folder),
            new RedisPingProbe(port, password));
    }

    private static string Options(RedisResource server, string content, int port, string? password)
    {
        List<string> options =
        [
            string.Create(CultureInfo.InvariantCulture, $"port {port}"), "bind 127.0.0.1", $"dir {Quote(content)}", "daemonize no",
        ];
        if (password is not null)
            options.Add($"requirepass {Quote(password)}");

        if (server.TryGetLastAnnotation<RedisPersistenceAnnotation>(out var persistence))
        {
            var seconds = Math.Max(1, (long)persistence.Interval.TotalSeconds);
            options.Add(string.Create(CultureInfo.InvariantCulture, $"save {seconds} {persistence.KeysChanged}"));
            options.AddRange(["appendonly yes", "appendfsync everysec"]);
        }
        else
        {
            options.AddRange(["save \"\"", "appendonly no"]);
        }

        return string.Join('\n', options) + "\n";
    }

    private static string Quote(string text) => text.Any(char.IsControl)
        ? throw new DistributedApplicationException("A Redis setting contains a control character; choose another password or folder.")
        : $"\"{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
