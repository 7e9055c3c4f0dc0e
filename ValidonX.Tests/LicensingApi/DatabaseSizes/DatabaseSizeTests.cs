using System.Text.Json.Nodes;

namespace ValidonX.Tests.LicensingApi.DatabaseSizes;

/// <summary><c>/v1/admin/tenants/{id}/database</c>: how large a tenant's database is, told by its server.</summary>
[Collection(LicensingCollection.Name)]
public sealed class DatabaseSizeTests(LicensingPlatform platform)
{
    [Fact]
    public async Task An_operator_sees_how_large_a_tenants_database_is_at_this_moment_and_which_tables_are_the_largest()
    {
        var tenant = await platform.CreateTenantAsync();
        var before = await SizeAsync(tenant);
        Assert.Equal((tenant.Placement.Database.Value, "one"), ((string)before["name"]!, (string)before["server"]!));
        Assert.Equal(await platform.ScalarAsync<int>("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = @Value", new { tenant.Placement.Database.Value }), (int)before["tables"]!);
        Assert.Equal((long)before["bytes"]!, (long)before["data_bytes"]! + (long)before["index_bytes"]!);
        // InnoDB takes a page at least for each table.
        Assert.True((long)before["data_bytes"]! >= 16_384 * (int)before["tables"]!);

        var table = $"{tenant.Placement.Database.Quoted}.ballast";
        await platform.ExecuteAsync(
            $"""
            CREATE TABLE {table} (id INT NOT NULL PRIMARY KEY, filler LONGTEXT NOT NULL) ENGINE=InnoDB;
            INSERT INTO {table} VALUES (1, REPEAT('x', 1000000)), (2, REPEAT('y', 1000000));
            ANALYZE TABLE {table}
            """);
        var after = await SizeAsync(tenant);
        Assert.Equal((int)before["tables"]! + 1, (int)after["tables"]!);
        Assert.Equal("ballast", (string?)after["largest"]![0]!["name"]);
        Assert.True((long)after["largest"]![0]!["bytes"]! >= 2_000_000);
        Assert.True((long)after["bytes"]! >= (long)before["bytes"]! + 2_000_000);
        var largest = after["largest"]!.AsArray().Select(one => (long)one!["bytes"]!).ToList();
        Assert.Equal(10, largest.Count);
        Assert.Equal(largest.OrderDescending(), largest);
    }

    [Fact]
    public async Task A_server_that_is_away_is_said_to_be_away_and_a_database_that_is_not_there_not_to_be_there()
    {
        var away = await platform.CreateTenantAsync();
        var server = $"s-{Guid.NewGuid():N}"[..20];
        await platform.ExecuteAsync(
            """
            INSERT INTO database_servers (name, host, port, region, class, capacity, created_at, updated_at) VALUES (@server, '127.0.0.1', 1, @server, 'shared', 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
            UPDATE tenants SET server_name = @server WHERE id = @Id
            """,
            new { server, away.Id });

        var refused = (await platform.Operator().GetAsync(PathOf(away.Id))).ShouldBe(503, "SERVER.UNAVAILABLE");
        Assert.Contains("database server", (string)refused.Error["message"]!, StringComparison.Ordinal);
        (await platform.Operator().GetAsync(PathOf(Guid.NewGuid()))).ShouldBe(404, "TENANT.NOT_FOUND");

        // Who was signed up a moment ago has a place and nothing there yet.
        var made = (await platform.Operator().PostAsync("/v1/admin/tenants", new { name = "Young", slug = $"s-{Guid.NewGuid():N}"[..20], owner = new { email = $"{Guid.NewGuid():N}@tenant.example" } })).ShouldBe(202);
        (await platform.Operator().GetAsync(PathOf(Guid.Parse((string)made.Data["tenant"]!["id"]!)))).ShouldBe(409, "RESOURCE.CONFLICT");
    }

    private static string PathOf(Guid tenant) => $"/v1/admin/tenants/{tenant}/database";

    private async Task<JsonNode> SizeAsync(LicensedTenant tenant) => (await platform.Operator().GetAsync(PathOf(tenant.Id))).ShouldBe(200).Data;
}
