using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.LicensingApi.SlowQueries;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.Platform.Databases;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi.SlowQueries;

/// <summary><c>/v1/admin/tenants/{id}/slow-queries</c>: which statements took long of late in a tenant's requests.</summary>
[Collection(LicensingCollection.Name)]
public sealed class SlowQueryTests(LicensingPlatform platform)
{
    private static readonly TimeSpan Slow = new SlowQueryOptions().Threshold;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_statement_that_took_long_is_told_with_its_endpoint_and_request_and_none_of_its_values()
    {
        var (tenant, neighbor) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());
        var (_, key) = await tenant.CreateLicenseAsync();
        var id = Guid.NewGuid().ToString();

        await HeldUpAsync(tenant, () => tenant.App.SendAsync(HttpMethod.Post, $"/v1/integration/licenses/{key}/validate", body: null, ("X-Request-ID", id)), 200);

        JsonNode? told = null;
        await Until.TrueAsync(async () => (told = (await QueriesAsync(tenant)).FirstOrDefault(query => (string?)query!["request_id"] == id)) is not null);
        Assert.Equal("POST /v1/integration/licenses/{licenseKey}/validate", (string?)told!["route"]);
        Assert.True((double)told["duration_ms"]! >= Slow.TotalMilliseconds);
        Assert.InRange(DateTimeOffset.Parse((string)told["at"]!, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
        var statement = (string)told["statement"]!;
        Assert.Contains("license_keys", statement, StringComparison.Ordinal);
        Assert.DoesNotContain("SET ROLE", statement, StringComparison.Ordinal);
        Assert.DoesNotContain(key, (await QueriesAsync(tenant)).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(await QueriesAsync(neighbor), query => (string?)query!["request_id"] == id);
        (await platform.Operator().GetAsync(PathOf(Guid.NewGuid()))).ShouldBe(404, "TENANT.NOT_FOUND");
    }

    [Fact]
    public async Task Without_redis_a_slow_request_is_answered_as_ever_and_nobody_says_that_nothing_was_slow()
    {
        await using var redis = new RedisServerProcess();
        await redis.InitializeAsync();
        var tenant = await platform.CreateTenantAsync();
        await using var replica = await platform.StartReplicaAsync(redis: redis.ConnectionString);
        await redis.KillAsync();

        await HeldUpAsync(tenant, () => tenant.AppAt(replica).ValidateAsync("NOBODYS-1"), 404);

        (await platform.OperatorAt(replica.Client).GetAsync(PathOf(tenant.Id))).ShouldBe(503, "SERVER.UNAVAILABLE");
    }

    [Fact]
    public async Task The_newest_fifty_of_a_tenant_are_kept_for_a_day()
    {
        var (list, tenant) = (platform.Replicas[0].Services.GetRequiredService<SlowQueryList>(), Guid.NewGuid());
        for (var i = 0; i < 60; i++)
        {
            list.Add(tenant, [new SlowQuery(DateTimeOffset.UtcNow, i, "SELECT ?", "GET /", "one")]);
        }

        await Until.TrueAsync(async () => (await list.ReadAsync(tenant)) is [{ DurationMs: 59 }, ..] read && read.Count == 50);
        using var redis = platform.Redis.Connect();
        Assert.InRange((await redis.GetDatabase().KeyTimeToLiveAsync(SlowQueryList.KeyOf(tenant)))!.Value, TimeSpan.FromHours(23), TimeSpan.FromHours(24));
    }

    private static string PathOf(Guid tenant) => $"/v1/admin/tenants/{tenant}/slow-queries";

    private async Task<JsonArray> QueriesAsync(LicensedTenant tenant) =>
        (await platform.Operator().GetAsync(PathOf(tenant.Id))).ShouldBe(200).Data["queries"]!.AsArray();

    /// <summary>Calls while somebody holds the tenant's licenses, for longer than a statement may take.</summary>
    private async Task HeldUpAsync(LicensedTenant tenant, Func<Task<Answer>> call, int status)
    {
        await using var holder = await platform.Databases.Platform.OpenAsync(Cancellation);
        await using var watcher = await platform.Databases.Platform.OpenAsync(Cancellation);
        await holder.ExecuteAsync($"LOCK TABLES {tenant.Placement.Database.Quoted}.license_keys WRITE");
        var answer = call();
        await Until.TrueAsync(() => IsWaitedForAsync(watcher, tenant), "the call waits for the licenses");
        var since = TimeProvider.System.GetTimestamp();
        await Until.TrueAsync(() => TimeProvider.System.GetElapsedTime(since) > Slow);
        await holder.ExecuteAsync("UNLOCK TABLES");
        (await answer).ShouldBe(status);
    }

    private static async Task<bool> IsWaitedForAsync(DbConnection watcher, LicensedTenant tenant) =>
        await SessionList.AskAsync(watcher, "SELECT COUNT(*) FROM information_schema.processlist WHERE db = @Value AND state LIKE '%lock%'", new { tenant.Placement.Database.Value }) is [> 0];
}
