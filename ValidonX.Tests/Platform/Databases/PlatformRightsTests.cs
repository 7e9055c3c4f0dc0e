using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>The guarantee: an account that is stolen opens what its service needs and nothing else, and the database server sees to that.</summary>
public sealed class PlatformRightsTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SELECT * FROM validonx_platform.tenants")]
    [InlineData("SELECT COUNT(*) FROM validonx_platform.api_keys")]
    [InlineData("SELECT 1 FROM settings s JOIN validonx_platform.plans p ON p.code = s.name")]
    [InlineData("UPDATE validonx_platform.tenants SET status = 'active'")]
    [InlineData("INSERT INTO validonx_platform.plans (code, name, position) VALUES ('x', 'x', 9)")]
    [InlineData("USE validonx_platform")]
    public async Task In_a_tenants_scope_the_platform_database_is_denied_by_the_server(string sql)
    {
        var tenant = await fixture.CreateTenantAsync();
        await using var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation);

        await AssertDeniedAsync(scope.Connection, sql);
    }

    [Theory]
    [InlineData("SELECT key_hash, status, scopes FROM api_keys", true)]
    [InlineData("UPDATE api_keys SET last_used_at = UTC_TIMESTAMP(6) WHERE id = ''", true)]
    [InlineData("SELECT sealed_key FROM api_keys", false)]
    [InlineData("SELECT * FROM api_keys", false)]
    [InlineData("UPDATE api_keys SET status = 'active'", false)]
    [InlineData("UPDATE api_keys SET expires_at = NULL", false)]
    [InlineData("DELETE FROM api_keys", false)]
    [InlineData("UPDATE personal_access_tokens SET ability = 'admin'", false)]
    [InlineData("INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES ('', '', 'owner', NOW())", false)]
    [InlineData("SELECT * FROM users", false)]
    [InlineData("SELECT * FROM admins", false)]
    [InlineData("UPDATE admins SET disabled_at = NULL", false)]
    [InlineData("SELECT * FROM audit_logs", false)]
    [InlineData("SELECT details FROM audit_logs", false)]
    [InlineData("UPDATE audit_logs SET action = 'nothing'", false)]
    [InlineData("DELETE FROM audit_logs", false)]
    [InlineData("INSERT INTO audit_logs (id, actor_type, action, details, created_at, position) VALUES (UUID(), 'system', 'forged', '{}', NOW(), 1)", false)]
    [InlineData("SELECT * FROM audit_chains", false)]
    [InlineData("SELECT issuer, audience, role_claim FROM tenant_sso", true)]
    [InlineData("SELECT sealed_client_secret FROM tenant_sso", false)]
    [InlineData("SELECT user_id, claims_at FROM sso_subjects", true)]
    [InlineData("SELECT subject, claimed_email FROM sso_subjects", false)]
    [InlineData("UPDATE tenant_sso SET issuer = 'https://evil.example'", false)]
    [InlineData("SELECT * FROM passkeys", false)]
    [InlineData("SELECT * FROM jobs", false)]
    [InlineData("SELECT * FROM database_servers", false)]
    [InlineData("UPDATE tenants SET status = 'active'", false)]
    [InlineData("SELECT * FROM mysql.user", false)]
    public Task A_gateways_account_reads_what_resolution_needs_and_writes_what_it_notes(string sql, bool isAllowed) =>
        AssertAsync(DatabaseAccount.Gateway, fixture.Secrets.GatewayDatabasePassword, sql, isAllowed);

    [Fact]
    public async Task A_gateway_and_a_licensing_API_add_to_the_audit_log_what_they_refuse()
    {
        var audit = new AuditEvent("sign_in.throttled", TenantId: null) { RequestId = Guid.NewGuid().ToString() };
        foreach (var (user, password) in new[]
        {
            (DatabaseAccount.Gateway, fixture.Secrets.GatewayDatabasePassword), (DatabaseAccount.Api, fixture.Secrets.ApiDatabasePassword),
        })
        {
            await using var own = new PlatformDatabase(fixture.Server.Login with { User = user, Password = password, Database = PlatformDatabase.Name });
            using var counted = new CountedAudit(own, new AuditLog(TimeProvider.System), TimeProvider.System, NullLogger<CountedAudit>.Instance);
            counted.Note(audit, "login", "203.0.113.1");
            await counted.FlushAsync(everything: false, Cancellation);
        }

        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        Assert.Equal(2, await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM audit_logs WHERE request_id = @RequestId", new { audit.RequestId }));
    }

    [Theory]
    [InlineData("SELECT name, host FROM database_servers", true)]
    [InlineData("SELECT name FROM database_servers ORDER BY name FOR UPDATE", true)]
    [InlineData("UPDATE tenants SET updated_at = updated_at", true)]
    [InlineData("UPDATE database_servers SET host = 'elsewhere.example'", false)]
    [InlineData("UPDATE database_server_options SET options = ''", false)]
    [InlineData("INSERT INTO gateway_clusters (name, destinations) VALUES ('licensing-api', '[]')", false)]
    [InlineData("UPDATE plans SET cluster = 'mine'", false)]
    [InlineData("INSERT INTO plans (code, name, position, cluster) VALUES ('x', 'x', 9, 'mine')", false)]
    [InlineData("UPDATE plans SET position = position", true)]
    [InlineData("DELETE FROM audit_logs", false)]
    [InlineData("UPDATE audit_logs SET action = 'nothing'", false)]
    [InlineData("INSERT INTO audit_logs (id, actor_type, action, details, created_at, position) VALUES (UUID(), 'system', 'forged', '{}', NOW(), 1)", false)]
    [InlineData("UPDATE audit_chains SET position = 0", false)]
    [InlineData("DELETE FROM audit_chains", false)]
    [InlineData("SELECT position, hash FROM audit_chains", true)]
    [InlineData("UPDATE database_servers SET accepts_tenants = accepts_tenants, capacity_override = NULL", true)]
    [InlineData("UPDATE invoices SET status = 'paid' WHERE id = ''", true)]
    [InlineData("UPDATE invoices SET amount_cents = 0", false)]
    [InlineData("DELETE FROM invoices", false)]
    [InlineData("UPDATE invoice_lines SET amount_cents = 0", false)]
    [InlineData("DELETE FROM invoice_lines", false)]
    [InlineData("UPDATE billing_credits SET amount_cents = 1000000", false)]
    [InlineData("UPDATE payments SET status = 'credited' WHERE id = ''", true)]
    [InlineData("UPDATE payments SET amount_cents = 0", false)]
    [InlineData("UPDATE payments SET tenant_id = ''", false)]
    [InlineData("DELETE FROM payments", false)]
    [InlineData("DELETE FROM stripe_events", false)]
    [InlineData("UPDATE alerts SET status = 'acknowledged' WHERE id = ''", true)]
    [InlineData("UPDATE alerts SET measured = 0", false)]
    [InlineData("UPDATE alerts SET is_held = NULL", false)]
    [InlineData("DELETE FROM alerts", false)]
    [InlineData("UPDATE alert_rounds SET due_at = '9999-12-31'", false)]
    [InlineData("UPDATE platform_alert_thresholds SET error_percent = 100", false)]
    [InlineData("SELECT * FROM platform_alert_thresholds", true)]
    [InlineData("DELETE FROM schema_versions", false)]
    [InlineData("DROP TABLE jobs", false)]
    [InlineData("CREATE USER 'more'@'%'", false)]
    [InlineData("SELECT * FROM mysql.user", false)]
    public Task A_licensing_APIs_account_changes_rows_but_not_what_steers_the_installation_nor_what_was_recorded(string sql, bool isAllowed) =>
        AssertAsync(DatabaseAccount.Api, fixture.Secrets.ApiDatabasePassword, sql, isAllowed);

    [Fact]
    public async Task A_gateways_rights_name_tables_that_exist()
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        var tables = (await connection.QueryAsync<string>("SELECT table_name FROM information_schema.tables WHERE table_schema = @Name", new { PlatformDatabase.Name })).ToHashSet();

        Assert.DoesNotContain(PlatformRights.GatewayReads, table => !tables.Contains(table));
    }

    [Fact]
    public async Task No_service_account_reaches_a_tenants_database_by_itself()
    {
        var tenant = await fixture.CreateTenantAsync();
        foreach (var (account, password) in new[]
        {
            (DatabaseAccount.Gateway, fixture.Secrets.GatewayDatabasePassword), (DatabaseAccount.Api, fixture.Secrets.ApiDatabasePassword),
        })
        {
            await AssertAsync(account, password, $"SELECT * FROM {tenant.Database.Value}.settings", isAllowed: false);
            await AssertAsync(account, password, $"SET ROLE {tenant.Role.Quoted}", isAllowed: false);
        }
    }

    [Fact]
    public async Task An_installation_from_before_the_accounts_is_brought_to_the_same_rights_and_a_second_time_changes_nothing()
    {
        await using var own = new PlatformFixture();
        await own.InitializeAsync();
        await using (var root = await own.Platform.OpenAsync(Cancellation))
        {
            await root.ExecuteAsync(
                $"""
                GRANT SELECT, INSERT, UPDATE, DELETE ON `validonx\_platform`.* TO '{DatabaseAccount.Tenants}'@'%';
                GRANT DELETE, SELECT ON validonx_platform.users TO '{DatabaseAccount.Gateway}'@'%';
                GRANT UPDATE (host) ON validonx_platform.database_servers TO '{DatabaseAccount.Api}'@'%';
                CREATE TABLE validonx_platform.gone_since (id INT);
                GRANT INSERT ON validonx_platform.gone_since TO '{DatabaseAccount.Gateway}'@'%';
                DROP TABLE validonx_platform.gone_since
                """);
        }

        var before = await own.GrantsAsync();
        await own.Administration.GrantPlatformAsync(Cancellation);
        var after = await own.GrantsAsync();
        await own.Administration.GrantPlatformAsync(Cancellation);

        Assert.NotEqual(before, after);
        Assert.Equal(after, await own.GrantsAsync());
        var tenant = await own.CreateTenantAsync();
        await using var scope = await own.Tenants.OpenAsync(tenant, Cancellation);
        await AssertDeniedAsync(scope.Connection, "SELECT * FROM validonx_platform.plans");
        await AssertAsync(own, DatabaseAccount.Gateway, own.Secrets.GatewayDatabasePassword, "SELECT * FROM users", isAllowed: false);
        await AssertAsync(own, DatabaseAccount.Api, own.Secrets.ApiDatabasePassword, "UPDATE database_servers SET host = 'x'", isAllowed: false);
    }

    private Task AssertAsync(string account, string password, string sql, bool isAllowed) => AssertAsync(fixture, account, password, sql, isAllowed);

    private static async Task AssertAsync(PlatformFixture fixture, string account, string password, string sql, bool isAllowed)
    {
        await using var source = DatabaseClient.CreateDataSource(
            fixture.Server.Login with { User = account, Password = password, Database = PlatformDatabase.Name });
        await using var connection = await source.OpenConnectionAsync(Cancellation);
        if (isAllowed)
        {
            await connection.ExecuteAsync(sql);
        }
        else
        {
            await AssertDeniedAsync(connection, sql);
        }
    }

    private static async Task AssertDeniedAsync(DbConnection connection, string sql)
    {
        var denied = await Assert.ThrowsAnyAsync<DbException>(() => connection.ExecuteAsync(sql));
        Assert.True(DatabaseError.IsAccessDenied(denied) || DatabaseError.IsUnknownRole(denied), $"{sql}: {denied.Message}");
    }
}
