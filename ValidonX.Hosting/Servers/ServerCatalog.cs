using Aspire.Hosting;

namespace ValidonX.Hosting.Servers;

/// <summary>Finds the servers that the stack needs on this machine, or obtains them.</summary>
/// <param name="setting">A configuration value by its key.</param>
/// <param name="shared">The folder of what all stacks of this checkout share; what has to be obtained is unpacked there.</param>
internal sealed class ServerCatalog(Func<string, string?> setting, string shared) : IDisposable
{
    /// <summary>The configuration key (and environment variable) that names a MySQL-compatible server's program.</summary>
    public const string MySqlKey = "VALIDONX_MYSQLD";

    /// <summary>The configuration key (and environment variable) that names a Redis server's program.</summary>
    public const string RedisKey = "VALIDONX_REDIS_SERVER";

    private readonly string _folder = Path.Combine(shared, "servers");
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ServerProgram? _mySql;
    private ServerProgram? _redis;

    /// <summary>A server that speaks MySQL's protocol.</summary>
    /// <param name="tell">Hears what is done when it takes time.</param>
    /// <exception cref="DistributedApplicationException">There is none, and it cannot be obtained; the message says what to do.</exception>
    public async Task<ServerProgram> MySqlAsync(Func<string, Task> tell, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _mySql ??= Named(MySqlKey)
                ?? Installed("mariadbd", "mysqld")
                ?? await (DebianPackages.TryUse(_folder, tell)?.MariaDbAsync(cancellationToken) ?? Missing("MySQL-compatible server (mysqld or mariadbd)", MySqlKey));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A Redis server.</summary>
    /// <inheritdoc cref="MySqlAsync"/>
    public async Task<ServerProgram> RedisAsync(Func<string, Task> tell, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _redis ??= Named(RedisKey)
                ?? Installed("redis-server", "valkey-server")
                ?? await (DebianPackages.TryUse(_folder, tell)?.RedisAsync(cancellationToken) ?? Missing("Redis server (redis-server)", RedisKey));
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private ServerProgram? Named(string key)
    {
        if (setting(key) is not { Length: > 0 } path)
            return null;

        return File.Exists(path)
            ? new(Path.GetFullPath(path))
            : throw new DistributedApplicationException($"{key} names {path}, which does not exist.");
    }

    private static ServerProgram? Installed(params ReadOnlySpan<string> programs) => SearchPath.Find(programs) is { } path ? new(path) : null;

    private static Task<ServerProgram> Missing(string description, string key) => throw new DistributedApplicationException(
        $"No {description} was found: {InstallationAdvice.Command}, or name one with {key}=/path.");
}
