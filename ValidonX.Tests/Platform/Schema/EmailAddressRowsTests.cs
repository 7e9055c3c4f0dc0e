using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Schema;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Platform.Schema;

/// <summary>A platform database from before accounts' addresses had one form.</summary>
public sealed class EmailAddressRowsTests(DatabaseServerProcess server) : IClassFixture<DatabaseServerProcess>
{
    private static readonly int Before = SchemaScript.Platform.Single(script => script.Name == EmailAddressRows.Script).Number - 1;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Addresses_get_their_canonical_form_and_are_compared_byte_by_byte_from_then_on()
    {
        await using var connection = await OldDatabaseAsync();
        var shouting = await UserAsync(connection, "Jose@ACME.test");
        // Under the old collation each of these equals what another one becomes.
        var spaced = await UserAsync(connection, " a@acme.test");
        var accented = await UserAsync(connection, "a@ácme.test");
        await connection.ExecuteAsync("INSERT INTO admins (id, email, name, password_hash, created_at, updated_at) VALUES (UUID(), 'Admin@Bücher.example', 'A', '', NOW(6), NOW(6))");

        await MigrateAsync(connection);
        await MigrateAsync(connection);

        Assert.Equal("jose@acme.test", await EmailAsync(connection, shouting));
        Assert.Equal("a@acme.test", await EmailAsync(connection, spaced));
        Assert.Equal("a@xn--cme-dla.test", await EmailAsync(connection, accented));
        Assert.Equal("admin@xn--bcher-kva.example", await connection.ExecuteScalarAsync<string>("SELECT email FROM admins"));
        Assert.Null(await connection.ExecuteScalarAsync<Guid?>("SELECT id FROM users WHERE email = 'JOSE@acme.test'"));
        Assert.Equal(
            ["admins ascii_bin", "email_changes ascii_bin", "invitations ascii_bin", "registrations ascii_bin", "users ascii_bin"],
            await connection.QueryAsync<string>(
                "SELECT CONCAT(table_name, ' ', collation_name) FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'email' ORDER BY table_name"));
    }

    [Fact]
    public async Task Rows_that_would_become_one_or_have_no_form_stop_it_before_anything_is_changed()
    {
        await using var connection = await OldDatabaseAsync();
        var one = await UserAsync(connection, "jose@bücher.example");
        var same = await UserAsync(connection, "jose@xn--bcher-kva.example");
        var formless = await UserAsync(connection, "josé@acme.test");
        var shouting = await UserAsync(connection, "Fine@acme.test");

        var blocked = await Assert.ThrowsAsync<SchemaBlockedException>(() => MigrateAsync(connection));

        Assert.Contains($"users {string.Join(", ", new[] { $"{one}", $"{same}" }.Order(StringComparer.Ordinal))}: one address in several spellings.", blocked.Message, StringComparison.Ordinal);
        Assert.Contains($"users {formless}: not an address", blocked.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(shouting.ToString(), blocked.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("acme", blocked.Message, StringComparison.Ordinal);
        Assert.Equal("Fine@acme.test", await EmailAsync(connection, shouting));
        Assert.Equal(Before, await connection.ExecuteScalarAsync<int>("SELECT MAX(number) FROM schema_versions"));

        await connection.ExecuteAsync("DELETE FROM users WHERE id IN (@same, @formless)", new { same, formless });
        await MigrateAsync(connection);

        Assert.Equal("jose@xn--bcher-kva.example", await EmailAsync(connection, one));
        Assert.Equal("fine@acme.test", await EmailAsync(connection, shouting));
    }

    private async Task<DbConnection> OldDatabaseAsync()
    {
        var name = $"old_{Guid.NewGuid():N}";
        var connection = await DatabaseClient.CreateDataSource(server.Login).OpenConnectionAsync(Cancellation);
        await connection.ExecuteAsync($"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
        await connection.ChangeDatabaseAsync(name, Cancellation);
        await new SchemaMigrator(TimeProvider.System).MigrateAsync(connection, SchemaHistory.Platform, [.. SchemaScript.Platform.Take(Before)], Cancellation);
        return connection;
    }

    private static Task<int> MigrateAsync(DbConnection connection) =>
        new SchemaMigrator(TimeProvider.System).MigrateAsync(connection, SchemaHistory.Platform, SchemaScript.Platform, Cancellation);

    private static async Task<Guid> UserAsync(DbConnection connection, string email)
    {
        var id = Guid.CreateVersion7();
        await connection.ExecuteAsync("INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@id, @email, 'U', NOW(6), NOW(6))", new { id, email });
        return id;
    }

    private static Task<string?> EmailAsync(DbConnection connection, Guid id) =>
        connection.ExecuteScalarAsync<string>("SELECT email FROM users WHERE id = @id", new { id });
}
