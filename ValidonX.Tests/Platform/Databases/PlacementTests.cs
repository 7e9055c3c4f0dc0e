using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Schema;
using ValidonX.Platform.Tenants;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>Tenants on two database servers, one of which holds the platform database too.</summary>
public sealed class PlacementTests(PlatformFixture fixture, DatabaseServerProcess second)
    : IClassFixture<PlatformFixture>, IClassFixture<DatabaseServerProcess>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_tenants_go_to_the_least_filled_server_of_their_region_that_has_room_and_work_there()
    {
        var (platform, administration, tenants) = fixture.Connect(
            [PlatformFixture.ServerNamed("one", fixture.Server, capacity: 4), PlatformFixture.ServerNamed("two", second, capacity: 2)]);
        await using (platform)
        await using (administration)
        await using (tenants)
        {
            await administration.RegisterServersAsync(Cancellation);

            var chosen = new List<string?>();
            for (var i = 0; i < 7; i++)
            {
                var server = await ChooseAsync(platform, "local");
                chosen.Add(server);
                if (server is null) continue;

                var placement = await AddTenantAsync(platform, server);
                await administration.EnsureTenantDatabaseAsync(placement, Cancellation);
                await using var schema = await administration.OpenTenantSchemaAsync(placement, Cancellation);
                await fixture.Migrator.MigrateAsync(schema, SchemaHistory.Tenant, SchemaScript.Tenant, Cancellation);
                await using var scope = await tenants.OpenAsync(placement, Cancellation);
                Assert.Equal(server == "one" ? fixture.Server.Port : second.Port, await scope.Connection.ExecuteScalarAsync<int>("SELECT @@port"));
            }

            // By share of capacity: 0/4 0/2, 1/4 0/2, 1/4 1/2, 2/4 1/2, 3/4 1/2, 3/4 2/2, full.
            Assert.Equal(["one", "two", "one", "one", "two", "one", null], chosen);
            Assert.Null(await ChooseAsync(platform, "elsewhere"));
        }
    }

    private static Task<string?> ChooseAsync(PlatformDatabase platform, string region) => platform.TransactAsync(
        (transaction, token) => Placement.ChooseServerAsync(transaction, region, "shared", token), Cancellation);

    private static async Task<TenantPlacement> AddTenantAsync(PlatformDatabase platform, string server)
    {
        var placement = new TenantPlacement(Guid.CreateVersion7(), server, DatabaseName.Create(TenantSlug.FromName("")));
        await using var connection = await platform.OpenAsync(Cancellation);
        await connection.ExecuteAsync(
            """
            INSERT INTO tenants (id, name, slug, status, plan_code, region, server_name, database_name, created_at, updated_at)
            VALUES (@TenantId, 'Test', @slug, 'active', 'starter', 'local', @ServerName, @database, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
            """,
            new { placement.TenantId, placement.ServerName, database = placement.Database.Value, slug = $"t-{placement.TenantId:N}" });
        return placement;
    }
}
