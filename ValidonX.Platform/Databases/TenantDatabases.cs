using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Rollups;
using ValidonX.Platform.Secrets;

namespace ValidonX.Platform.Databases;

/// <summary>Opens tenant scopes: one pool of connections per database server serves all of its tenants.</summary>
public sealed class TenantDatabases : IAsyncDisposable
{
    private readonly PlatformDatabase _platform;
    private readonly IOptions<PlatformSecrets> _secrets;
    private readonly Tallies? _tallies;
    private readonly ConcurrentDictionary<string, Lazy<DbDataSource>> _servers = new(StringComparer.Ordinal);

    internal TenantDatabases(PlatformDatabase platform, IOptions<PlatformSecrets> secrets, Tallies? tallies = null)
    {
        _tallies = tallies;
        _platform = platform;
        _secrets = secrets;
    }

    /// <summary>Opens a scope on a tenant's database.</summary>
    /// <exception cref="DbException">The server is away, or the database or role does not exist (yet, or any more).</exception>
    public async Task<TenantScope> OpenAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        var use = DatabaseUse.Begin(_tallies, placement);
        var scope = await TenantScope.OpenAsync(await ServerAsync(placement.ServerName, cancellationToken), placement, cancellationToken);
        scope.Use = use;
        return scope;
    }

    /// <summary>Reads in a scope of its own that is opened and left in the same message as the read: one round trip in all.</summary>
    /// <param name="placement">Whose database.</param>
    /// <param name="sql">Statements that read, each with one result; without a last semicolon.</param>
    /// <param name="parameters">Theirs.</param>
    /// <param name="read">Reads all of the results, in their order. May run twice.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="DbException">The server is away, or the database or role does not exist (yet, or any more).</exception>
    public async Task<T> ReadAsync<T>(
        TenantPlacement placement, string sql, object parameters, Func<SqlMapper.GridReader, Task<T>> read, CancellationToken cancellationToken)
    {
        using var use = DatabaseUse.Begin(_tallies, placement);
        return await TenantScope.ReadAsync(await ServerAsync(placement.ServerName, cancellationToken), placement, sql, parameters, read, cancellationToken);
    }

    /// <summary>Looks and then writes in one transaction of a scope of its own, in two messages; again when it lost against another one.</summary>
    /// <param name="placement">Whose database.</param>
    /// <param name="look">Statements that lock and read, without a last semicolon.</param>
    /// <param name="decide">Reads all of the results, in their order, and says what to write, or nothing. May run several times.</param>
    /// <param name="cancellationToken">Ends it before it writes and not after.</param>
    /// <exception cref="DbException">The server is away, or the database or role does not exist (yet, or any more).</exception>
    public async Task<T> WriteAsync<T>(
        TenantPlacement placement, InterpolatedSql look, Func<SqlMapper.GridReader, Task<(InterpolatedSql? Write, T Result)>> decide, CancellationToken cancellationToken)
    {
        using var use = DatabaseUse.Begin(_tallies, placement);
        return await TenantScope.WriteAsync(await ServerAsync(placement.ServerName, cancellationToken), placement, look, decide, cancellationToken);
    }

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
            SELECT s.name, s.host, s.port, s.region, s.class, s.capacity, COALESCE(o.options, '') AS options
            FROM database_servers s LEFT JOIN database_server_options o ON o.server_name = s.name
            WHERE s.name = @name
            """,
            new { name },
            cancellationToken: cancellationToken)) ?? throw new InvalidOperationException($"The database server '{name}' is not registered.");

        return _servers.GetOrAdd(name, _ => new Lazy<DbDataSource>(() => DatabaseClient.CreateDataSource(
            new DatabaseLogin(server.Host, server.Port, DatabaseAccount.Tenants, _secrets.Value.ServiceDatabasePassword)
            {
                Options = server.Options,
                ResetSessions = false,
            }))).Value;
    }
}
