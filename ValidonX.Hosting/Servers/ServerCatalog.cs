using Aspire.Hosting;

namespace ValidonX.Hosting.Servers;

/// <summary>Finds the servers that the stack needs on this machine, or obtains them.</summary>
/// <param name="setting">A configuration value by its key.</param>
/// <param name="shared">The folder in which what has to be obtained is unpacked.</param>
/// <param name="tell">Hears what is done when it takes time.</param>
internal sealed class ServerCatalog(Func<string, string?> setting, string shared, Func<string, Task> tell)
{
    /// <summary>A server that speaks MySQL's protocol: the one that <c>VALIDONX_MYSQLD</c> names, or one that is installed, or can be.</summary>
    /// <exception cref="DistributedApplicationException">There is none, and it cannot be obtained; the message says what to do.</exception>
    public Task<LocalProgram> MySqlAsync(CancellationToken cancellationToken) => FindAsync(
        "VALIDONX_MYSQLD", ["mariadbd", "mysqld"], "MySQL-compatible server (mysqld or mariadbd)",
        packages => packages.ObtainAsync("mariadb-server-core", "usr/sbin/mariadbd", cancellationToken));

    /// <summary>A Redis server: the one that <c>VALIDONX_REDIS_SERVER</c> names, or one that is installed, or can be.</summary>
    /// <inheritdoc cref="MySqlAsync"/>
    public Task<LocalProgram> RedisAsync(CancellationToken cancellationToken) => FindAsync(
        "VALIDONX_REDIS_SERVER", ["redis-server", "valkey-server"], "Redis server (redis-server)", packages => packages.RedisAsync(cancellationToken));

    private async Task<LocalProgram> FindAsync(string key, string[] programs, string description, Func<DebianPackages, Task<LocalProgram>> obtain)
    {
        if (setting(key) is { Length: > 0 } named)
        {
            return File.Exists(named)
                ? new(Path.GetFullPath(named))
                : throw new DistributedApplicationException($"{key} names {named}, which does not exist.");
        }

        if (SearchPath.Find(programs) is { } installed)
            return new(installed);

        return DebianPackages.AreHere
            ? await obtain(new DebianPackages(Path.Combine(shared, "servers"), tell))
            : throw new DistributedApplicationException($"No {description} was found: {InstallationAdvice.Command}, or name one with {key}=/path.");
    }
}
