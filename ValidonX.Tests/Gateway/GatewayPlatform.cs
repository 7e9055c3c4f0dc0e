using System.Globalization;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Keys;
using ValidonX.Platform.Schema;
using ValidonX.Platform.Secrets;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Gateway;

/// <summary>What a gateway stands on: a real platform database with its schema, a real Redis, and rows that tests ask for.</summary>
public sealed class GatewayPlatform : IAsyncLifetime
{
    internal const string Pepper = "pepper-for-tests-pepper-for-tests";
    internal const string SigningKey = "signing-key-for-tests-signing-key";

    private const string AccountPassword = "account-of-the-gateways";

    private PlatformDatabase? _database;

    internal DatabaseServerProcess DatabaseServer { get; } = new();

    internal RedisServerProcess Redis { get; } = new();

    /// <summary>The gateways' own, with the rights they have.</summary>
    internal string GatewayConnectionString => new System.Data.Common.DbConnectionStringBuilder
    {
        ConnectionString = DatabaseConnectionString,
        ["User ID"] = DatabaseAccount.Gateway,
        ["Password"] = AccountPassword,
    }.ConnectionString;

    /// <summary>The administrator's.</summary>
    internal string DatabaseConnectionString => DatabaseServer.ConnectionString(PlatformDatabase.Name);

    internal PlatformDatabase Database => _database ??= new PlatformDatabase(ConnectionSettings.Parse(DatabaseConnectionString));

    public async ValueTask InitializeAsync()
    {
        await Task.WhenAll(DatabaseServer.InitializeAsync().AsTask(), Redis.InitializeAsync().AsTask());
        var options = new DatabaseServersOptions { AdminUser = DatabaseServerProcess.User, AdminPassword = DatabaseServerProcess.Password };
        options.Servers.Add(new DatabaseServer("one", "127.0.0.1", (uint)DatabaseServer.Port, "local", "shared", 1000));
        var secrets = new PlatformSecrets { ServiceDatabasePassword = AccountPassword, GatewayDatabasePassword = AccountPassword, ApiDatabasePassword = AccountPassword };
        await using (var administration = new DatabaseAdministration(Database, Options.Create(options), Options.Create(secrets), TimeProvider.System))
        {
            await administration.EnsurePlatformDatabaseAsync(CancellationToken.None);
            await new PlatformSchema(Database, new SchemaMigrator(TimeProvider.System)).MigrateAsync(CancellationToken.None);
            await administration.GrantPlatformAsync(CancellationToken.None);
        }

        await SettleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        await DatabaseServer.DisposeAsync();
        await Redis.DisposeAsync();
    }

    internal async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql, parameters);
    }

    internal async Task<T?> ScalarAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        return await connection.ExecuteScalarAsync<T>(sql, parameters);
    }

    /// <summary>A tenant with a database name that nobody opens here.</summary>
    internal async Task<Guid> TenantAsync(string plan = "enterprise", string status = "active", string? cluster = null, string? slug = null)
    {
        var id = Guid.CreateVersion7();
        await ExecuteAsync(
            """
            INSERT INTO tenants (id, name, slug, status, plan_code, region, database_name, cluster, created_at, updated_at)
            VALUES (@id, 'Acme', @slug, @status, @plan, 'local', @database, @cluster, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
            """,
            new { id, slug = slug ?? string.Create(CultureInfo.InvariantCulture, $"t-{id:N}")[..30], status, plan, cluster, database = $"vx_tenant_{id:N}"[..40] });
        return id;
    }

    /// <summary>A key of the tenant; its raw text.</summary>
    internal async Task<string> KeyAsync(Guid tenant, DateTimeOffset? expiresAt = null, string scopes = "[]", string allowedIps = "[]", long? requests = null, int? period = null)
    {
        var key = ApiKeyText.Create();
        await ExecuteAsync(
            """
            INSERT INTO api_keys (id, tenant_id, name, key_hash, hint, scopes, allowed_ips, status, rate_limit_requests, rate_limit_period_seconds, expires_at, created_at)
            VALUES (@id, @tenant, 'test', @hash, 'abcd', @scopes, @allowedIps, 'active', @requests, @period, @expiresAt, UTC_TIMESTAMP(6))
            """,
            new { id = Guid.CreateVersion7(), tenant, hash = HashOf(key).ToArray(), scopes, allowedIps, requests, period, expiresAt });
        return key;
    }

    /// <summary>A user with these tenants; the text of a bearer token.</summary>
    internal async Task<string> UserTokenAsync(params (Guid Tenant, TenantRole Role)[] memberships)
    {
        var user = Guid.CreateVersion7();
        await ExecuteAsync(
            "INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@user, @email, 'U', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
            new { user, email = $"{user:N}@example.com" });
        foreach (var (tenant, role) in memberships)
        {
            await ExecuteAsync(
                "INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@tenant, @user, @role, UTC_TIMESTAMP(6))",
                new { tenant, user, role = role.ToString().ToLowerInvariant() });
        }

        return await TokenAsync(TokenOwners.User, user, Abilities.Tenant);
    }

    /// <summary>The text of an operator's bearer token.</summary>
    internal Task<string> OperatorTokenAsync() => TokenAsync(TokenOwners.Admin, Guid.CreateVersion7(), Abilities.Admin);

    internal Task<string> TokenAsync(string ownerType, Guid owner, string ability, TimeSpan? life = null) =>
        Database.TransactAsync(
            async (transaction, token) =>
                (await AccessTokens.IssueAsync(transaction, ownerType, owner, ability, "test", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow + life, token)).Reveal(),
            CancellationToken.None);

    /// <summary>A Redis that has just begun grants nothing for a second or two, because others might remember more than it does.</summary>
    private async Task SettleAsync()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(this, [upstream.Address]);
        var key = await KeyAsync(await TenantAsync());
        await Until.TrueAsync(async () =>
        {
            using var answer = await gateway.SendAsync(HttpMethod.Get, "/v1/integration/activations", key);
            return answer.IsSuccessStatusCode;
        });
    }

    internal static ApiKeyHash HashOf(string key)
    {
        var hasher = new ApiKeyHasher(Options.Create(new PlatformSecrets { ApiKeyPepper = Pepper }));
        return new ApiKeyHash(hasher.Hash(key));
    }
}
