using System.Collections.Immutable;
using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Schema;
using ValidonX.Platform.Tenants;
using ValidonX.Tests.Platform.Databases;

namespace ValidonX.Tests.Platform.Schema;

public sealed class SchemaTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    private static readonly SchemaScript One = new(1, "one", "CREATE TABLE IF NOT EXISTS one (id INT PRIMARY KEY);\n", "checksum-1");
    private static readonly SchemaScript Two = new(2, "two", "CREATE TABLE IF NOT EXISTS two (id INT PRIMARY KEY);\n", "checksum-2");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Missing_scripts_are_applied_in_order_and_recorded_once()
    {
        await using var connection = await EmptyDatabaseAsync();

        Assert.Equal(1, await MigrateAsync(connection, [One]));
        Assert.Equal(2, await MigrateAsync(connection, [One, Two]));
        Assert.Equal(2, await MigrateAsync(connection, [One, Two]));

        Assert.Equal(["1 one checksum-1", "2 two checksum-2"], await AppliedAsync(connection));
    }

    [Fact]
    public async Task A_script_edited_after_it_was_applied_is_refused_and_nothing_after_it_runs()
    {
        await using var connection = await EmptyDatabaseAsync();
        await MigrateAsync(connection, [One]);

        var refused = await Assert.ThrowsAsync<SchemaChangedException>(() => MigrateAsync(connection, [One with { Checksum = "edited" }, Two]));

        Assert.Contains("0001_one", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["1 one checksum-1"], await AppliedAsync(connection));
    }

    [Fact]
    public async Task A_tenants_script_cut_off_after_any_statement_is_completed_by_the_next_run()
    {
        var whole = await CompletedSchemaAsync(statements: 0);
        var statements = Statements(SchemaScript.Tenant).Count;
        Assert.True(statements >= 9);

        for (var cut = 1; cut <= statements; cut++) Assert.Equal(whole, await CompletedSchemaAsync(cut));
    }

    [Fact]
    public async Task Several_processes_that_migrate_the_platform_at_once_do_it_once()
    {
        var migrator = fixture.Migrator;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new PlatformSchema(fixture.Platform, migrator).MigrateAsync(Cancellation)));

        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        Assert.Equal(SchemaScript.Platform.Length, await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM schema_versions"));
        Assert.Equal(3, await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM plans"));
        Assert.Equal(21, await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM plan_entitlements"));
    }

    [Fact]
    public void Scripts_are_numbered_without_gaps_and_carry_the_hash_of_their_text()
    {
        foreach (var scripts in new[] { SchemaScript.Platform, SchemaScript.Tenant })
        {
            Assert.Equal(Enumerable.Range(1, scripts.Length), scripts.Select(script => script.Number));
            Assert.All(scripts, script => Assert.Matches("^[0-9a-f]{64}$", script.Checksum));
        }
    }

    /// <summary>The schema after a run that was cut off after so many statements and the run that followed it.</summary>
    private async Task<IReadOnlyList<string>> CompletedSchemaAsync(int statements)
    {
        await using var connection = await EmptyDatabaseAsync();
        foreach (var statement in Statements(SchemaScript.Tenant).Take(statements)) await connection.ExecuteAsync(statement);

        await MigrateAsync(connection, SchemaScript.Tenant);

        return [.. await connection.QueryAsync<string>(
            """
            SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, column_key) FROM information_schema.columns
            WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position
            """)];
    }

    /// <summary>A procedure is one statement, whatever stands in it.</summary>
    private static IReadOnlyList<string> Statements(ImmutableArray<SchemaScript> scripts) =>
        [.. scripts.SelectMany(script => Regex.Matches(script.Sql, @"\s*(?:--[^\n]*\n)*CREATE PROCEDURE.*?\nEND;\n|.+?;\n", RegexOptions.Singleline).Select(match => match.Value.Trim()))];

    private async Task<DbConnection> EmptyDatabaseAsync()
    {
        var placement = new TenantPlacement(Guid.CreateVersion7(), "one", DatabaseName.Create(TenantSlug.FromName("")));
        await fixture.Administration.EnsureTenantDatabaseAsync(placement, Cancellation);
        return await fixture.Administration.OpenTenantSchemaAsync(placement, Cancellation);
    }

    private Task<int> MigrateAsync(DbConnection connection, ImmutableArray<SchemaScript> scripts) =>
        fixture.Migrator.MigrateAsync(connection, SchemaHistory.Tenant, scripts, Cancellation);

    private static async Task<IEnumerable<string>> AppliedAsync(DbConnection connection) =>
        await connection.QueryAsync<string>("SELECT CONCAT(number, ' ', name, ' ', checksum) FROM schema_migrations ORDER BY number");
}
