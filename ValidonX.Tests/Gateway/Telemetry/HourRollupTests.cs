using StackExchange.Redis;
using ValidonX.Platform.Rollups;

namespace ValidonX.Tests.Gateway.Telemetry;

/// <summary>Hours are carried from Redis into the platform database.</summary>
[Collection(GatewayCollection.Name)]
public sealed class HourRollupTests(GatewayPlatform platform)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly DateTime _hour = TenantTally.Hour(DateTime.UtcNow);

    [Fact]
    public async Task An_hour_in_the_database_only_ever_grows()
    {
        await using var redis = platform.Redis.Connect();
        var tenant = await platform.TenantAsync();
        await CountAsync(redis, tenant, requests: 5);
        await Rollups(redis).WriteAsync(Hour, TestContext.Current.CancellationToken);
        Assert.Equal(5, await WrittenAsync(tenant));

        // Redis has lost it, and something came since.
        await redis.GetDatabase().KeyDeleteAsync(RollupKeys.OfHour(tenant, _hour));
        await CountAsync(redis, tenant, requests: 2);
        await Rollups(redis).WriteAsync(Hour, TestContext.Current.CancellationToken);
        Assert.Equal(5, await WrittenAsync(tenant));
        Assert.Equal(5, await ReadAsync(redis, tenant));

        await CountAsync(redis, tenant, requests: 7);
        Assert.Equal(9, await ReadAsync(redis, tenant));
        await Rollups(redis).WriteAsync(Hour, TestContext.Current.CancellationToken);
        await Rollups(redis).WriteAsync(Hour, TestContext.Current.CancellationToken);
        Assert.Equal(9, await WrittenAsync(tenant));
    }

    [Fact]
    public async Task What_was_carried_over_is_told_without_redis()
    {
        await using var redis = platform.Redis.Connect();
        var tenant = await platform.TenantAsync();
        await CountAsync(redis, tenant, requests: 3);
        await Rollups(redis).WriteAsync(Hour, TestContext.Current.CancellationToken);
        await using var nowhere = ConnectionMultiplexer.Connect("127.0.0.1:1,abortConnect=false,connectTimeout=50,syncTimeout=50,asyncTimeout=50");

        Assert.Equal(3, await ReadAsync(nowhere, tenant));
    }

    /// <summary>What a process that has just started counts in this hour.</summary>
    private async Task CountAsync(ConnectionMultiplexer redis, Guid tenant, int requests)
    {
        var use = new Use();
        for (var i = 0; i < requests; i++)
        {
            use.Count(200, refusedBy: null, TimeSpan.FromMilliseconds(1));
        }

        await redis.GetDatabase().HashSetAsync(RollupKeys.OfHour(tenant, _hour), RollupKeys.Field(_hour.AddMinutes(7), isRoutes: false, Guid.NewGuid().ToString("N")), use.ToString());
        await redis.GetDatabase().SetAddAsync(RollupKeys.TenantsOf(_hour), tenant.ToString());
    }

    private Task<long> WrittenAsync(Guid tenant) =>
        platform.ScalarAsync<long>("SELECT requests FROM tenant_hours WHERE tenant_id = @tenant AND hour = @hour", new { tenant, hour = _hour });

    private async Task<long> ReadAsync(ConnectionMultiplexer redis, Guid tenant) =>
        (await new UseHistory(redis, platform.Database, TimeProvider.System).ReadAsync(tenant, _hour, _hour + Hour, Hour, TestContext.Current.CancellationToken)).Sum().Requests;

    private HourRollups Rollups(ConnectionMultiplexer redis) =>
        new(new UseHistory(redis, platform.Database, TimeProvider.System), redis, platform.Database, TimeProvider.System);
}
