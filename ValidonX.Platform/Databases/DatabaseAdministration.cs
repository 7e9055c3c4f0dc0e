using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Secrets;

namespace ValidonX.Platform.Databases;

/// <summary>
/// What only the provisioner does on a database server, with the administrator's account: the services' accounts, tenants'
/// databases, roles and grants. Every step may be repeated.
/// </summary>
public sealed class DatabaseAdministration(
    PlatformDatabase platform,
    IOptions<DatabaseServersOptions> options,
    IOptions<PlatformSecrets> secrets,
    TimeProvider time) : IAsyncDisposable
{
    private readonly Dictionary<string, DbDataSource> _servers = options.Value.Servers.ToDictionary(
        server => server.Name,
        server => DatabaseClient.CreateDataSource(new DatabaseLogin(
            server.Host,
            server.Port,
            options.Value.AdminUser,
            options.Value.AdminPassword)
        { Options = server.Options, MaximumPoolSize = 16, CommandTimeout = TimeSpan.FromSeconds(60) }),
        StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, bool> _prepared = new(StringComparer.Ordinal);

    /// <summary>Whether the server is configured here, so that databases can be made on it.</summary>
    public bool Knows(string server) => _servers.ContainsKey(server);

    /// <summary>Makes the platform database itself, on the first server, where nobody else has.</summary>
    public async Task EnsurePlatformDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(options.Value.Servers[0].Name, cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            $"CREATE DATABASE IF NOT EXISTS `{PlatformDatabase.Name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
            cancellationToken: cancellationToken));
    }

    /// <summary>
    /// Enters the configured servers in the platform database and makes the tenant pools' account on each. A server that does not answer,
    /// other than the first, gets its account with the first tenant that is made on it.
    /// </summary>
    /// <returns>The names of the servers that did not answer.</returns>
    /// <exception cref="UnsuitableServerException">A server is configured so that it could not keep tenants apart.</exception>
    public async Task<IReadOnlyList<string>> RegisterServersAsync(CancellationToken cancellationToken)
    {
        var away = new List<string>();
        foreach (var server in options.Value.Servers)
        {
            await using (var register = await platform.OpenAsync(cancellationToken))
            {
                await register.ExecuteAsync(new CommandDefinition(
                    """
                    INSERT INTO database_servers (name, host, port, region, class, capacity, created_at, updated_at)
                    VALUES (@Name, @Host, @Port, @Region, @Class, @Capacity, @now, @now)
                    ON DUPLICATE KEY UPDATE host = @Host, port = @Port, region = @Region, class = @Class, capacity = @Capacity, updated_at = @now;
                    INSERT INTO database_server_options (server_name, options) VALUES (@Name, @Options) ON DUPLICATE KEY UPDATE options = @Options
                    """,
                    new { server.Name, server.Host, server.Port, server.Region, server.Class, server.Capacity, server.Options, now = time.GetUtcNow() },
                    cancellationToken: cancellationToken));
            }

            try
            {
                await PrepareAsync(server.Name, cancellationToken);
            }
            catch (DbException failure) when (server != options.Value.Servers[0] && DatabaseError.IsUnavailable(failure))
            {
                away.Add(server.Name);
            }
        }

        return away;
    }

    /// <summary>Makes the services' accounts on the server of the platform database and gives each its rights there, no more and no less.</summary>
    public async Task GrantPlatformAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await EnsureAccountAsync(connection, DatabaseAccount.Tenants, secrets.Value.ServiceDatabasePassword, cancellationToken);
        await EnsureAccountAsync(connection, DatabaseAccount.Gateway, secrets.Value.GatewayDatabasePassword, cancellationToken);
        await EnsureAccountAsync(connection, DatabaseAccount.Api, secrets.Value.ApiDatabasePassword, cancellationToken);
        await PlatformRights.EnforceAsync(connection, cancellationToken);
    }

    /// <summary>Makes (or adopts) a tenant's database, its role, the role's rights and the tenant pools' account's membership.</summary>
    public async Task EnsureTenantDatabaseAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        if (!_prepared.ContainsKey(placement.ServerName))
        {
            await PrepareAsync(placement.ServerName, cancellationToken);
        }

        await using var connection = await OpenAsync(placement.ServerName, cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            CREATE DATABASE IF NOT EXISTS {placement.Database.Quoted} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
            CREATE ROLE IF NOT EXISTS {placement.Role.Quoted};
            GRANT SELECT, INSERT, UPDATE, DELETE ON {placement.Database.GrantPattern}.* TO {placement.Role.Quoted};
            GRANT {placement.Role.Quoted} TO '{DatabaseAccount.Tenants}'@'%'
            """,
            cancellationToken: cancellationToken));
    }

    /// <summary>An administrator's connection in a tenant's database, for its schema changes only.</summary>
    public async Task<DbConnection> OpenTenantSchemaAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(placement.ServerName, cancellationToken);
        try
        {
            await connection.ChangeDatabaseAsync(placement.Database.Value, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>An administrator's connection to a server, in no database.</summary>
    public ValueTask<DbConnection> OpenAsync(string server, CancellationToken cancellationToken) =>
        _servers.TryGetValue(server, out var source)
            ? source.OpenConnectionAsync(cancellationToken)
            : throw new InvalidOperationException($"No administrator's login is configured for the database server '{server}'.");

    private async Task PrepareAsync(string server, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(server, cancellationToken);

        // Under the first every new session would have every tenant's role, under the second a grant's escaped name would mean no database.
        var setting = await connection.QueryFirstOrDefaultAsync<string>(new CommandDefinition(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('activate_all_roles_on_login', 'partial_revokes') AND Value = 'ON'",
            cancellationToken: cancellationToken));
        if (setting is not null)
        {
            throw new UnsuitableServerException(server, setting);
        }

        await EnsureAccountAsync(connection, DatabaseAccount.Tenants, secrets.Value.ServiceDatabasePassword, cancellationToken);
        _prepared[server] = true;
    }

    private static async Task EnsureAccountAsync(DbConnection connection, string account, string password, CancellationToken cancellationToken)
    {
        // Account statements take no parameters; the server itself quotes the password.
        var quoted = await connection.ExecuteScalarAsync<string>(new CommandDefinition("SELECT QUOTE(@password)", new { password }, cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            CREATE USER IF NOT EXISTS '{account}'@'%' IDENTIFIED BY {quoted};
            ALTER USER '{account}'@'%' IDENTIFIED BY {quoted}
            """,
            cancellationToken: cancellationToken));
    }
}
