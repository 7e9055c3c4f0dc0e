using System.Net;

namespace ValidonX.Tests.Gateway.Resolution;

/// <summary>
/// On servers of each test's own, because it kills them: a Redis that came back empty grants a gateway that is new nothing until the next minute.
/// </summary>
public sealed class DependenciesAwayTests : IAsyncLifetime
{
    private const string Validate = "/v1/integration/licenses/ABCD/validate";
    private readonly GatewayPlatform _platform = new();

    public ValueTask InitializeAsync() => _platform.InitializeAsync();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task Without_the_platform_database_known_callers_are_served_and_new_ones_told_to_come_back()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(_platform, [upstream.Address]);
        var known = await _platform.KeyAsync(await _platform.TenantAsync());
        var cold = await _platform.KeyAsync(await _platform.TenantAsync());
        using var before = await gateway.SendAsync(HttpMethod.Post, Validate, known);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        await _platform.DatabaseServer.KillAsync();
        using var warm = await gateway.SendAsync(HttpMethod.Post, Validate, known);
        using var refused = await gateway.SendAsync(HttpMethod.Post, Validate, cold);

        Assert.Equal(HttpStatusCode.OK, warm.StatusCode);
        await refused.IsErrorAsync(HttpStatusCode.ServiceUnavailable, "SERVER.UNAVAILABLE");
        Assert.NotNull(refused.Headers.RetryAfter);
        await Until.TrueAsync(() => IsAsync(gateway, "degraded"));

        await _platform.DatabaseServer.StartAsync();
        await Until.TrueAsync(async () =>
        {
            using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, cold);
            return answer.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task Without_redis_every_caller_is_served()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(_platform, [upstream.Address]);
        var known = await _platform.KeyAsync(await _platform.TenantAsync());
        var cold = await _platform.KeyAsync(await _platform.TenantAsync());
        using var before = await gateway.SendAsync(HttpMethod.Post, Validate, known);

        await _platform.Redis.KillAsync();

        // Long enough for the lease on the caches to run out, so that both ways of serving are seen.
        var end = DateTimeOffset.UtcNow.AddSeconds(6);
        while (DateTimeOffset.UtcNow < end)
        {
            foreach (var key in new[] { known, cold })
            {
                using var answer = await gateway.SendAsync(HttpMethod.Post, Validate, key);
                Assert.True((int)answer.StatusCode is 200 or 429, $"{answer.StatusCode}");
            }
        }

        await Until.TrueAsync(() => IsAsync(gateway, "degraded"));

        await _platform.Redis.StartAsync();
        await Until.TrueAsync(() => IsAsync(gateway, "healthy"));
    }

    private static async Task<bool> IsAsync(GatewayUnderTest gateway, string status)
    {
        using var health = await gateway.SendAsync(HttpMethod.Get, "/health");
        return health.StatusCode == HttpStatusCode.OK
            && (await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains($"\"{status}\"", StringComparison.Ordinal);
    }
}
