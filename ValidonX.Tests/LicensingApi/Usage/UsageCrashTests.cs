using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi.Usage;

/// <summary>A licensing API that is killed in the midst of counting: apps send again what they have no answer to, and each report counts once.</summary>
[Collection(LicensingCollection.Name)]
public sealed class UsageCrashTests(LicensingPlatform platform)
{
    private const int Rounds = 3;
    private const int Apps = 6;
    private const int Batches = 12;
    private const int BatchSize = 20;

    [Fact]
    public async Task Killed_at_any_instant_nothing_is_lost_and_nothing_is_counted_twice()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("jobs", 1_000_000));
        await using var redis = new TcpLine(platform.Redis.Port);
        var random = new Random(20260404);

        for (var round = 0; round < Rounds; round++)
        {
            await using var api = await ApiProcess.StartAsync(platform, redis);
            var started = 0;
            var work = Enumerable.Range(0, Apps).Select(app => SendAllAsync(api, tenant, key, $"{round}-{app}", () => Interlocked.Increment(ref started))).ToList();
            var instant = random.Next(Apps, Apps * Batches);
            await Until.TrueAsync(() => Volatile.Read(ref started) >= instant);
            await api.KillAsync();
            await Task.WhenAll(work);
        }

        Assert.Equal(Rounds * Apps * Batches * BatchSize, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM usage_events"));
        Assert.Equal(Rounds * Apps * Batches * BatchSize, await tenant.ScalarAsync<long>("SELECT CAST(SUM(used) AS SIGNED) FROM usage_counters WHERE license_id <> ''"));
        Assert.Empty((await tenant.Owner.PostAsync("/v1/tenant/usage/reconcile")).ShouldBe(200).Data["differences"]!.AsArray());
        Assert.Equal(0, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = 'usage.threshold_reached'"));
    }

    /// <summary>Batches one after the other, at the process as long as it answers and then at another replica, from the first without an answer on.</summary>
    private static async Task SendAllAsync(ApiProcess api, LicensedTenant tenant, string key, string name, Action begun)
    {
        var caller = tenant.AppOf(api.Client);
        for (var batch = 0; batch < Batches; batch++)
        {
            begun();
            object[] events = [.. Enumerable.Range(0, BatchSize).Select(i => new { license_key = key, metric = "jobs", quantity = 1, idempotency_key = $"{name}-{batch}-{i}" })];
            Answer answer;
            try
            {
                answer = await caller.PostAsync("/v1/integration/usage/batch", new { events });
            }
            catch (HttpRequestException)
            {
                caller = tenant.Apps[0];
                answer = await caller.PostAsync("/v1/integration/usage/batch", new { events });
            }

            Assert.Equal(BatchSize, (int)answer.ShouldBe(200).Data["accepted"]! + (int)answer.Data["duplicates"]!);
        }
    }
}
