using Aspire.Hosting.Data;
using Aspire.Hosting.Display;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Servers;

/// <summary>Finds the servers that the stack needs on this machine, or obtains them.</summary>
internal sealed class ServerCatalog(IConfiguration configuration, DataFolder data, StackConsole console) : IDisposable
{
    /// <summary>The configuration key (and environment variable) that names a MySQL-compatible server's program.</summary>
    public const string MySqlKey = "VALIDONX_MYSQLD";

    /// <summary>The configuration key (and environment variable) that names a Redis server's program.</summary>
    public const string RedisKey = "VALIDONX_REDIS_SERVER";

    private readonly SemaphoreSlim _gate = new(1, 1);
    private ServerProgram? _mySql;
    private ServerProgram? _redis;

    /// <summary>A server that speaks MySQL's protocol.</summary>
    /// <exception cref="DistributedApplicationException">There is none, and it cannot be obtained; the message says what to do.</exception>
    public Task<ServerProgram> MySqlAsync(CancellationToken cancellationToken) => ObtainAsync(
        () => _mySql,
        found => _mySql = found,
        MySqlKey,
        () => SearchPath.Find("mariadbd", "mysqld") is { } path ? new(path) : null,
        packages => packages.MariaDbAsync,
        "MySQL-compatible server (mysqld or mariadbd)",
        cancellationToken);

    /// <summary>A Redis server.</summary>
    /// <inheritdoc cref="MySqlAsync"/>
    public Task<ServerProgram> RedisAsync(CancellationToken cancellationToken) => ObtainAsync(
        () => _redis,
        found => _redis = found,
        RedisKey,
        () => SearchPath.Find("redis-server", "valkey-server") is { } path ? new(path) : FindRenamedRedis(),
        packages => packages.RedisAsync,
        "Redis server (redis-server)",
        cancellationToken);

    public void Dispose() => _gate.Dispose();

    private async Task<ServerProgram> ObtainAsync(
        Func<ServerProgram?> known,
        Action<ServerProgram> remember,
        string key,
        Func<ServerProgram?> find,
        Func<DebianPackages, Func<CancellationToken, Task<ServerProgram>>> obtain,
        string description,
        CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (known() is not { } program)
            {
                program = Named(key) ?? find();
                if (program is null && DebianPackages.TryUse(data, console) is { } packages)
                    program = await obtain(packages)(cancellationToken);

                remember(program ?? throw new DistributedApplicationException(
                    $"No {description} was found: {InstallationAdvice.Command}, or name one with {key}=/path."));
            }

            return program;
        }
        finally
        {
            _gate.Release();
        }
    }

    private ServerProgram? Named(string key)
    {
        if (configuration[key] is not { Length: > 0 } path)
            return null;

        return File.Exists(path)
            ? new(Path.GetFullPath(path))
            : throw new DistributedApplicationException($"{key} names {path}, which does not exist.");
    }

    // Debian's redis-tools holds the server under another name; which of its trades the program plies it reads from the name it is called by.
    private ServerProgram? FindRenamedRedis()
    {
        if (OperatingSystem.IsWindows() || SearchPath.Find("redis-check-rdb", "redis-check-aof") is not { } renamed)
            return null;

        var link = Path.Combine(data.ForPurpose("run"), "redis-server");
        File.Delete(link);
        File.CreateSymbolicLink(link, renamed);
        return new(link);
    }
}
