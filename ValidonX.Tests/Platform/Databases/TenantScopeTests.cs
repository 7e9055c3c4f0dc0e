using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>The guarantee: what one tenant's scope can reach is decided by the database server, not by our SQL.</summary>
public sealed class TenantScopeTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scope_reads_and_writes_its_own_database()
    {
        var tenant = await fixture.CreateTenantAsync();
        await using var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation);

        await AddSettingAsync(scope.Connection, "a", "1");

        Assert.Equal("1", await scope.Connection.ExecuteScalarAsync<string>("SELECT value FROM settings WHERE name = 'a'"));
    }

    [Fact]
    public async Task A_statement_that_names_another_tenants_database_is_denied_by_the_server()
    {
        var mine = await fixture.CreateTenantAsync();
        var other = await fixture.CreateTenantAsync();
        await using var scope = await fixture.Tenants.OpenAsync(mine, Cancellation);

        foreach (var sql in new[]
        {
            $"SELECT * FROM {other.Database.Value}.settings",
            $"SELECT COUNT(*) FROM settings s JOIN {other.Database.Value}.settings o ON o.name = s.name",
            $"INSERT INTO {other.Database.Value}.settings (name, value, updated_at) VALUES ('a', '1', NOW())",
            $"UPDATE {other.Database.Value}.settings SET value = '1'",
            $"DELETE FROM {other.Database.Value}.settings",
            $"USE {other.Database.Value}",
            $"DROP TABLE {other.Database.Value}.settings",
            $"SHOW TABLES FROM {other.Database.Value}",
        })
        {
            await AssertDeniedAsync(scope.Connection, sql);
        }
    }

    [Fact]
    public async Task A_scope_may_change_rows_but_neither_schema_nor_rights()
    {
        var mine = await fixture.CreateTenantAsync();
        await using var scope = await fixture.Tenants.OpenAsync(mine, Cancellation);

        foreach (var sql in new[]
        {
            "DROP TABLE settings",
            "CREATE TABLE more (id INT)",
            "ALTER TABLE settings ADD COLUMN more INT",
            "CREATE DATABASE vx_tenant_more_1234",
            "CREATE USER 'more'@'%'",
            $"GRANT SELECT ON {mine.Database.Value}.* TO '{DatabaseAccount.Tenants}'@'%'",
            "SELECT * FROM mysql.user",
        })
        {
            await AssertDeniedAsync(scope.Connection, sql);
        }
    }

    [Theory]
    [InlineData("vx_tenant_a_b_1234", "vx_tenant_axb_1234")]
    [InlineData("vx_tenant_a_b_1234", "vx_tenant_a_bx1234")]
    public async Task A_name_that_would_match_as_a_wildcard_is_another_tenants(string mine, string lookAlike)
    {
        var tenant = await fixture.CreateTenantAsync(mine);
        var other = await fixture.CreateTenantAsync(lookAlike);
        await using var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation);

        Assert.Equal(0, await scope.Connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM products"));
        await AssertDeniedAsync(scope.Connection, $"SELECT * FROM {other.Database.Value}.products");
    }

    [Fact]
    public async Task Outside_a_scope_the_service_account_can_use_no_tenants_database()
    {
        var tenant = await fixture.CreateTenantAsync();
        await using var connection = await fixture.OpenAsServiceAsync();

        await AssertDeniedAsync(connection, $"SELECT * FROM {tenant.Database.Value}.settings");
        await AssertDeniedAsync(connection, $"USE {tenant.Database.Value}");
    }

    [Fact]
    public async Task Leaving_a_scope_drops_the_role_also_for_names_that_need_no_database()
    {
        var tenant = await fixture.CreateTenantAsync();
        var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation);
        var server = await SessionAsync(scope.Connection);
        await scope.DisposeAsync();

        // Nothing else uses this pool, so the session is among those that lie in it, as the scope left it.
        var taken = new List<DbConnection>();
        do
        {
            Assert.True(taken.Count < 64, "The session is not in the pool.");
            taken.Add(await fixture.OpenFromTenantPoolAsync());
        }
        while (await SessionAsync(taken[^1]) != server);

        await AssertDeniedAsync(taken[^1], $"SELECT * FROM {tenant.Database.Value}.settings");
        await AssertDeniedAsync(taken[^1], "SELECT * FROM settings");
        foreach (var connection in taken) await connection.DisposeAsync();
    }

    [Fact]
    public async Task A_transaction_left_open_is_gone_with_its_scope()
    {
        var tenant = await fixture.CreateTenantAsync();
        await using (var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation))
        {
            await scope.Connection.BeginTransactionAsync(Cancellation);
            await AddSettingAsync(scope.Connection, "lost", "1");
        }

        await using var again = await fixture.Tenants.OpenAsync(tenant, Cancellation);
        Assert.Equal(0, await again.Connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM settings WHERE name = 'lost'"));
    }

    [Fact]
    public async Task A_tenant_made_after_the_pool_was_opened_is_visible_to_its_connections()
    {
        var early = await fixture.CreateTenantAsync();
        await using (await fixture.Tenants.OpenAsync(early, Cancellation))
        {
            // Only so that the pool holds a session that is older than the next tenant.
        }

        var late = await fixture.CreateTenantAsync();
        await using var scope = await fixture.Tenants.OpenAsync(late, Cancellation);
        await AddSettingAsync(scope.Connection, "a", "1");
    }

    [Fact]
    public async Task A_scope_of_a_tenant_without_role_or_database_does_not_open_and_harms_no_later_scope()
    {
        var tenant = await fixture.CreateTenantAsync();
        var unknown = new TenantPlacement(Guid.CreateVersion7(), "one", DatabaseName.Parse("vx_tenant_unknown_1234"));
        var withoutDatabase = tenant with { Database = unknown.Database };

        await Assert.ThrowsAnyAsync<DbException>(() => fixture.Tenants.OpenAsync(unknown, Cancellation));
        await Assert.ThrowsAnyAsync<DbException>(() => fixture.Tenants.OpenAsync(withoutDatabase, Cancellation));

        await using var connection = await fixture.OpenFromTenantPoolAsync();
        await AssertDeniedAsync(connection, $"SELECT * FROM {tenant.Database.Value}.settings");
    }

    [Fact]
    public async Task Many_tenants_share_one_pool_at_the_same_time_and_each_sees_its_own_rows()
    {
        var tenants = new List<TenantPlacement>();
        for (var i = 0; i < 6; i++) tenants.Add(await fixture.CreateTenantAsync());

        await Task.WhenAll(Enumerable.Range(0, 120).Select(async i =>
        {
            var tenant = tenants[i % tenants.Count];
            await using var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation);
            await AddSettingAsync(scope.Connection, $"n{i}", tenant.Database.Value);
        }));

        foreach (var tenant in tenants)
        {
            await using var scope = await fixture.Tenants.OpenAsync(tenant, Cancellation);
            var values = await scope.Connection.QueryAsync<string>("SELECT value FROM settings");
            Assert.Equal(Enumerable.Repeat(tenant.Database.Value, 20), values);
        }
    }

    private static Task<int> AddSettingAsync(DbConnection connection, string name, string value) =>
        connection.ExecuteAsync("INSERT INTO settings (name, value, updated_at) VALUES (@name, @value, UTC_TIMESTAMP(6))", new { name, value });

    private static Task<long> SessionAsync(DbConnection connection) => connection.ExecuteScalarAsync<long>("SELECT CONNECTION_ID()");

    private static async Task AssertDeniedAsync(DbConnection connection, string sql)
    {
        var denied = await Assert.ThrowsAnyAsync<DbException>(() => connection.ExecuteAsync(sql));
        Assert.True(DatabaseError.IsAccessDenied(denied), $"{sql}: {denied.Message}");
    }
}
