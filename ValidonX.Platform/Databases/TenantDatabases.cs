using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Secrets;

namespace ValidonX.Platform.Databases;

/// <summary>Opens tenant scopes: one pool of connections per database server serves all of its tenants.</summary>
public sealed class TenantDatabases : IAsyncDisposable
{
    private readonly PlatformDatabase _platform;
    private readonly IOptions<PlatformSecrets> _secrets;
    private readonly ConcurrentDictionary<string, Lazy<DbDataSource>> _servers = new(StringComparer.Ordinal);

    internal TenantDatabases(PlatformDatabase platform, IOptions<PlatformSecrets> secrets)
    {
        _platform = platform;
        _secrets = secrets;
    }

    /// <summary>Opens a scope on a tenant's database.</summary>
    /// <exception cref="DbException">The server is away, or the database or role does not exist (yet, or any more).</exception>
    public async Task<TenantScope> OpenAsync(TenantPlacement placement, CancellationToken cancellationToken) =>
        await TenantScope.OpenAsync(await ServerAsync(placement.ServerName, cancellationToken), placement, cancellationToken);

    /// <summary>A connection of a server's pool in no scope: it can use no tenant's database. For checks of the account and of the pool.</summary>
    internal async ValueTask<DbConnection> OpenUnscopedAsync(string serverName, CancellationToken cancellationToken) =>
        await (await ServerAsync(serverName, cancellationToken)).OpenConnectionAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values.Where(server => server.IsValueCreated))
        {
            await server.Value.DisposeAsync();
        }
    }

    private async ValueTask<DbDataSource> ServerAsync(string name, CancellationToken cancellationToken)
    {
        if (_servers.TryGetValue(name, out var known))
        {
            return known.Value;
        }

        await using var connection = await _platform.OpenAsync(cancellationToken);
        var server = await connection.QuerySingleOrDefaultAsync<DatabaseServer>(new CommandDefinition(
            """
            SELECT name, host, port, region, class, capacity FROM database_servers WHERE name = @name
            """,
            new { name },
            cancellationToken: cancellationToken)) ?? throw new InvalidOperationException($"The database server '{name}' is not registered.");

        return _servers.GetOrAdd(name, _ => new Lazy<DbDataSource>(() => DatabaseClient.CreateDataSource(
            new DatabaseLogin(server.Host, server.Port, ServiceAccount.Name, _secrets.Value.ServiceDatabasePassword) { ResetSessions = false }))).Value;
    }
}
