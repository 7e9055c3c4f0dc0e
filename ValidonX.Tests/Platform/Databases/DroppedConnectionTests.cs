using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>The guarantee: a network that drops connections costs those who were using them an honest failure and nobody else anything.</summary>
public sealed class DroppedConnectionTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_on_a_dropped_connection_is_told_as_an_outage_and_the_next_user_notices_nothing()
    {
        await using var relay = new TcpRelay(fixture.Server.Port);
        var (platform, administration, tenants) = fixture.Connect([PlatformFixture.ServerNamed("relayed", fixture.Server) with { Port = (uint)relay.Port }]);
        await using var platformPool = platform;
        await using var administrationPools = administration;
        await using var tenantPools = tenants;
        await administration.RegisterServersAsync(Cancellation);
        var tenant = await fixture.CreateTenantAsync() with { ServerName = "relayed" };
        for (var round = 0; round < 5; round++)
        {
            await using (await tenants.OpenAsync(tenant, Cancellation))
            {
                // So that two sessions lie in the pool when all are cut.
                await using var second = await tenants.OpenAsync(tenant, Cancellation);
            }

            var scope = await tenants.OpenAsync(tenant, Cancellation);
            var failure = await Assert.ThrowsAnyAsync<Exception>(() => scope.TransactAsync(
                async (transaction, token) =>
                {
                    await WriteAsync(transaction, round);
                    relay.Cut();
                    return await WriteAsync(transaction, round + 1);
                },
                Cancellation));
            Assert.True(DatabaseError.IsUnavailable(failure), $"{failure}");
            await scope.DisposeAsync();

            Assert.Equal(0, await tenants.ReadAsync(tenant, "SELECT COUNT(*) FROM settings", new { }, static rows => rows.ReadSingleAsync<int>(), Cancellation));
            await using var again = await tenants.OpenAsync(tenant, Cancellation);
            Assert.Equal(0, await again.Connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM settings"));
        }
    }

    private static Task<int> WriteAsync(DbTransaction transaction, int number) =>
        transaction.Connection!.ExecuteAsync(
            "INSERT INTO settings (name, value, updated_at) VALUES (@name, '1', UTC_TIMESTAMP(6))", new { name = $"n{number}" }, transaction);
}
