using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Schema;
using ValidonX.Platform.Secrets;
using ValidonX.Platform.Tenants;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>A real server with the platform schema, the service account and as many tenants' databases as a test asks for.</summary>
public sealed class PlatformFixture : IAsyncLifetime
{
    private const string Region = "local";

    /// <summary>Arguments of the server beyond those of every one.</summary>
    internal IReadOnlyList<string> ServerArguments { get; init; } = [];

    internal DatabaseServerProcess Server { get; private set; } = null!;

    internal PlatformSecrets Secrets { get; } = new()
    {
        ServiceDatabasePassword = "service-'\\\"; password",
        GatewayDatabasePassword = "gateway-'\\\"; password",
        ApiDatabasePassword = "api-'\\\"; password-of-tests",
        ApiKeyPepper = new string('p', 32),
        ContextSigningKey = new string('c', 32),
        DataEncryptionKey = new string('d', 32),
    };

    internal PlatformDatabase Platform { get; private set; } = null!;

    internal TenantDatabases Tenants { get; private set; } = null!;

    internal DatabaseAdministration Administration { get; private set; } = null!;

    internal SchemaMigrator Migrator { get; } = new(TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        Server = new DatabaseServerProcess { MoreArguments = ServerArguments };
        await Server.InitializeAsync();
        (Platform, Administration, Tenants) = Connect([ServerNamed("one", Server)]);
        await Administration.EnsurePlatformDatabaseAsync(TestContext.Current.CancellationToken);
        await new PlatformSchema(Platform, Migrator).MigrateAsync(TestContext.Current.CancellationToken);
        await Administration.GrantPlatformAsync(TestContext.Current.CancellationToken);
        await Administration.RegisterServersAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Tenants.DisposeAsync();
        await Administration.DisposeAsync();
        await Platform.DisposeAsync();
        await Server.DisposeAsync();
    }

    internal static DatabaseServer ServerNamed(string name, DatabaseServerProcess server, uint capacity = 1000) =>
        new(name, "127.0.0.1", (uint)server.Port, Region, "shared", capacity);

    /// <summary>The platform as a process sees it that is configured with these servers.</summary>
    internal (PlatformDatabase Platform, DatabaseAdministration Administration, TenantDatabases Tenants) Connect(IReadOnlyList<DatabaseServer> servers)
    {
        var options = new DatabaseServersOptions { AdminUser = DatabaseServerProcess.User, AdminPassword = DatabaseServerProcess.Password };
        foreach (var server in servers) options.Servers.Add(server);
        var platform = new PlatformDatabase(Server.Login with { Database = PlatformDatabase.Name });
        var secrets = Options.Create(Secrets);
        return (platform, new DatabaseAdministration(platform, Options.Create(options), secrets, TimeProvider.System), new TenantDatabases(platform, secrets));
    }

    /// <summary>A tenant with its database, role and schema.</summary>
    internal async Task<TenantPlacement> CreateTenantAsync(string? database = null, string server = "one")
    {
        var placement = new TenantPlacement(
            Guid.CreateVersion7(),
            server,
            database is null ? DatabaseName.Create(TenantSlug.FromName("")) : DatabaseName.Parse(database));
        await Administration.EnsureTenantDatabaseAsync(placement, TestContext.Current.CancellationToken);
        await using var schema = await Administration.OpenTenantSchemaAsync(placement, TestContext.Current.CancellationToken);
        await Migrator.MigrateAsync(schema, SchemaHistory.Tenant, SchemaScript.Tenant, TestContext.Current.CancellationToken);
        return placement;
    }

    /// <summary>A connection out of the very pool that the tenants' scopes use, without a scope.</summary>
    internal ValueTask<DbConnection> OpenFromTenantPoolAsync() =>
        Tenants.OpenUnscopedAsync("one", TestContext.Current.CancellationToken);

    /// <summary>A connection as the service account that has never been in a scope.</summary>
    internal ValueTask<DbConnection> OpenAsServiceAsync() =>
        DatabaseClient.CreateDataSource(
            Server.Login with { User = DatabaseAccount.Tenants, Password = Secrets.ServiceDatabasePassword, Database = "information_schema" })
            .OpenConnectionAsync(TestContext.Current.CancellationToken);

    /// <summary>Everything that the services' accounts may do, as the server tells it.</summary>
    internal async Task<string> GrantsAsync()
    {
        await using var connection = await Platform.OpenAsync(TestContext.Current.CancellationToken);
        var grants = new List<string>();
        foreach (var account in (string[])[DatabaseAccount.Tenants, DatabaseAccount.Gateway, DatabaseAccount.Api])
            grants.AddRange(await connection.QueryAsync<string>($"SHOW GRANTS FOR '{account}'@'%'"));
        return string.Join('\n', grants.Where(grant => !grant.Contains("IDENTIFIED", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }
}
