using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.Platform.Rollups;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Gateway.Telemetry;

/// <summary>What callers of a tenant experience, counted at the gateways.</summary>
[Collection(GatewayCollection.Name)]
public sealed class RollupTests(GatewayPlatform platform)
{
    private const string Path = "/v1/integration/licenses/ABCD-EFGH/validate";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Every_request_counts_once_at_whichever_gateway_it_came_and_how_it_ended()
    {
        await using var upstream = await Upstream.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Headers["X-Test-Status"] is [{ } status] ? int.Parse(status, CultureInfo.InvariantCulture) : 200;
            return context.Response.WriteAsync("{}");
        });
        await using var one = await StartAsync(upstream);
        await using var other = await StartAsync(upstream);
        var tenant = await platform.TenantAsync();
        var neighbor = await platform.TenantAsync();
        var (key, neighborKey) = (await platform.KeyAsync(tenant, requests: 9, period: 3_600), await platform.KeyAsync(neighbor));

        foreach (var gateway in (GatewayUnderTest[])[one, other])
        {
            for (var i = 0; i < 3; i++)
            {
                using var good = await gateway.SendAsync(HttpMethod.Post, Path, key);
            }

            using var missing = await gateway.SendAsync(HttpMethod.Post, Path, key, ("X-Test-Status", "404"));
            using var failed = await gateway.SendAsync(HttpMethod.Post, "/v1/integration/activations", key, ("X-Test-Status", "500"));
            using var neighbors = await gateway.SendAsync(HttpMethod.Post, Path, neighborKey);
        }

        // Nine are the quota of both together; each has a share.
        var validations = 8;
        for (var status = 0; status != 429; validations++)
        {
            using var next = await one.SendAsync(HttpMethod.Post, Path, key);
            status = (int)next.StatusCode;
        }

        // Twice: what is written again changes nothing.
        for (var i = 0; i < 2; i++)
        {
            await FlushAsync(one);
            await FlushAsync(other);
        }

        var (sum, routes) = await ReadAsync(one, tenant);
        Assert.Equal(validations + 2, sum.Requests);
        Assert.InRange(sum.RefusedByKey, validations + 2 - 9, sum.Requests);
        Assert.Equal(0, sum.RefusedByTenant + sum.RefusedByEndpoint);
        Assert.InRange(sum.Errors, 1, 2);
        Assert.InRange(sum.Percentile(0.5)!.Value, 0.01, 60_000);
        Assert.Equal(
            [("/v1/integration/licenses/{licenseKey}/validate", validations), ("/v1/integration/activations", 2)],
            routes.Select(route => (route.Route, route.Requests)));
        Assert.Equal((2, 0, 0), await ReadAsync(one, neighbor) is var (others, _) ? (others.Requests, others.Errors, others.Refused) : default);
    }

    [Fact]
    public async Task Who_is_nobodys_caller_counts_for_no_tenant()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await StartAsync(upstream);
        using var unknown = await gateway.SendAsync(HttpMethod.Post, Path, "vx_" + new string('0', 64));

        Assert.DoesNotContain(gateway.Services.GetRequiredService<Tallies>().All(), one => one.Tally.Changes().Count > 0);
    }

    [Fact]
    public async Task A_refused_caller_of_a_suspended_tenant_is_seen_by_its_operators()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await StartAsync(upstream);
        var tenant = await platform.TenantAsync(status: "suspended");
        using var refused = await gateway.SendAsync(HttpMethod.Post, Path, await platform.KeyAsync(tenant));
        await FlushAsync(gateway);

        Assert.Equal(403, (int)refused.StatusCode);
        Assert.Equal(1, (await ReadAsync(gateway, tenant)).Sum.Requests);
    }

    [Fact]
    public async Task What_was_counted_while_redis_was_away_is_written_when_it_is_back()
    {
        await using var redis = new RedisServerProcess();
        await redis.InitializeAsync();
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await StartAsync(upstream, ("ConnectionStrings:redis", redis.ConnectionString));
        var tenant = await platform.TenantAsync();
        var key = await platform.KeyAsync(tenant);
        using var before = await gateway.SendAsync(HttpMethod.Post, Path, key);
        await FlushAsync(gateway);
        await redis.KillAsync();
        using var meanwhile = await gateway.SendAsync(HttpMethod.Post, Path, key);
        await FlushAsync(gateway);

        await redis.StartAsync();

        await Until.TrueAsync(async () =>
        {
            await FlushAsync(gateway);
            return await TryReadAsync(gateway, tenant) is { Requests: 2 };
        });
    }

    [Fact]
    public async Task A_gateway_that_stops_writes_the_rest_and_one_that_follows_counts_on()
    {
        await using var upstream = await Upstream.StartAsync();
        var tenant = await platform.TenantAsync();
        var key = await platform.KeyAsync(tenant);
        await using (var first = await StartAsync(upstream))
        {
            using var counted = await first.SendAsync(HttpMethod.Post, Path, key);
        }

        await using var second = await StartAsync(upstream);
        using var more = await second.SendAsync(HttpMethod.Post, Path, key);
        await FlushAsync(second);

        Assert.Equal(2, (await ReadAsync(second, tenant)).Sum.Requests);
    }

    private Task<GatewayUnderTest> StartAsync(Upstream upstream, params (string Name, string Value)[] settings) =>
        GatewayUnderTest.StartAsync(
            platform, [upstream.Address], new Dictionary<string, string>(settings.ToDictionary(one => one.Name, one => one.Value)) { ["Rollups:FlushInterval"] = "00:01:00" });

    private static Task FlushAsync(GatewayUnderTest gateway) => gateway.Services.GetRequiredService<RollupWriter>().FlushAsync();

    private static async Task<(Use Sum, IReadOnlyList<RouteUse> Routes)> ReadAsync(GatewayUnderTest gateway, Guid tenant)
    {
        var to = TenantTally.Minute(DateTime.UtcNow) + Minute;
        var series = await gateway.Services.GetRequiredService<UseHistory>().ReadAsync(tenant, to.AddMinutes(-15), to, Minute, TestContext.Current.CancellationToken);
        return (series.Sum(), RouteUse.Sum(series.Routes));
    }

    private static async Task<Use?> TryReadAsync(GatewayUnderTest gateway, Guid tenant)
    {
        try
        {
            return (await ReadAsync(gateway, tenant)).Sum;
        }
        catch (Exception away) when (ValidonX.Coherence.RedisFailure.Is(away))
        {
            return null;
        }
    }
}
