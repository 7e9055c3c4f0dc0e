using System.Text.Json.Nodes;
using StackExchange.Redis;
using ValidonX.Platform.Rollups;

namespace ValidonX.Tests.LicensingApi.Metrics;

/// <summary><c>/v1/admin/metrics/tenants</c>: which tenants call most.</summary>
[Collection(LicensingCollection.Name)]
public sealed class TenantLoadTests(LicensingPlatform platform)
{
    [Fact]
    public async Task The_tenants_that_call_most_are_told_with_what_half_of_them_stay_below()
    {
        await using var redis = platform.Redis.Connect();
        var tenants = new[] { await platform.CreateTenantAsync(), await platform.CreateTenantAsync(), await platform.CreateTenantAsync() };
        var idle = await platform.CreateTenantAsync();
        var gone = Guid.CreateVersion7();
        var now = DateTimeOffset.UtcNow;
        await CountAsync(redis, tenants[0].Id, now, 500);
        await CountAsync(redis, tenants[1].Id, now, 3_000_000);
        await CountAsync(redis, tenants[2].Id, now, 200);
        await CountAsync(redis, idle.Id, now, 0);
        await CountAsync(redis, gone, now, 4_000_000);

        // Somebody else's look may be some seconds old.
        JsonNode loads = null!;
        await Until.TrueAsync(async () =>
        {
            loads = (await platform.Operator().GetAsync("/v1/admin/metrics/tenants")).ShouldBe(200).Data;
            return loads["tenants"]!.AsArray().Count(load => tenants.Any(tenant => tenant.Id == (Guid)load!["tenant_id"]!)) == 3;
        });

        var first = loads["tenants"]![0]!;
        Assert.Equal((tenants[1].Id, "Acme", 3_000_000L), ((Guid)first["tenant_id"]!, (string)first["tenant_name"]!, (long)first["requests"]!));
        Assert.Equal(tenants[1].Slug, (string?)first["tenant_slug"]);
        var ours = loads["tenants"]!.AsArray().Where(load => tenants.Any(tenant => tenant.Id == (Guid)load!["tenant_id"]!)).Select(load => (long)load!["requests"]!);
        Assert.Equal([3_000_000, 500, 200], ours);
        Assert.DoesNotContain(loads["tenants"]!.AsArray(), load => (Guid)load!["tenant_id"]! == idle.Id || (Guid)load["tenant_id"]! == gone);
        var median = (long)loads["median_requests"]!;
        Assert.InRange(median, 1, 500);
        Assert.Equal(Math.Round(3_000_000.0 / median, 1), (double)first["times_median"]!);
        Assert.True((int)loads["active"]! >= 4);
        Assert.Equal(1, (int)first["errors"]!);
    }

    [Fact]
    public void Of_two_tenants_the_one_that_calls_less_is_the_measure_and_who_does_not_call_is_none()
    {
        Assert.Equal(0, RecentUse.MedianRequests([]));
        Assert.Equal(0, RecentUse.MedianRequests([Of(0)]));
        Assert.Equal(3, RecentUse.MedianRequests([Of(0), Of(9), Of(3)]));
        Assert.Equal(9, RecentUse.MedianRequests([Of(9), Of(3), Of(20)]));

        static Use Of(int requests)
        {
            var use = new Use();
            for (var i = 0; i < requests; i++)
            {
                use.Count(200, null, TimeSpan.FromMilliseconds(1));
            }

            return use;
        }
    }

    /// <summary>As a gateway writes it: in the running minute.</summary>
    private static async Task CountAsync(ConnectionMultiplexer redis, Guid tenant, DateTimeOffset now, long requests)
    {
        var (database, hour) = (redis.GetDatabase(), TenantTally.Hour(now.UtcDateTime));
        var use = Use.Parse($"{requests},{Math.Min(1, requests)},0,0,0,1500,0,0")!;
        await database.SetAddAsync(RollupKeys.TenantsOf(hour), tenant.ToString());
        await database.HashSetAsync(RollupKeys.OfHour(tenant, hour), RollupKeys.Field(now.UtcDateTime, isRoutes: false, "test"), use.ToString());
    }
}
