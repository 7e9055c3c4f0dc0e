using System.Diagnostics;
using ValidonX.RateLimiting;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.RateLimiting;

/// <summary>Three gateways and a redis-server that is frozen, killed, and comes back with nothing or with an old snapshot.</summary>
public sealed class RedisAwayTests : IAsyncLifetime
{
    private const int Gateways = 3;
    private const int Quota = 300;
    private static readonly QuotaWindow LongWindow = QuotaWindow.OfSeconds(86_400);
    private static readonly QuotaWindow ShortWindow = QuotaWindow.OfSeconds(3);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(1);

    private readonly RedisServerProcess _redis = new();
    private readonly List<IDisposable> _connections = [];
    private readonly LimiterReplica[] _gateways = new LimiterReplica[Gateways];

    public async ValueTask InitializeAsync()
    {
        await _redis.StartAsync();
        for (var i = 0; i < Gateways; i++)
        {
            var connection = _redis.Connect();
            _connections.Add(connection);
            _gateways[i] = new LimiterReplica(
                new RedisLeaseTransport(connection), new LeasingOptions { ReplicaId = $"g{i}", Replicas = Gateways, CallTimeout = CallTimeout });
            await _gateways[i].Service.StartAsync(CancellationToken.None);
        }

        await Until.TrueAsync(() => _gateways.All(static gateway => gateway.State.Share == Gateways), "every gateway has its share");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways) await gateway.DisposeAsync();
        foreach (var connection in _connections) connection.Dispose();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task When_Redis_hangs_only_the_first_request_waits_and_nobody_passes_the_quota()
    {
        var layers = Layers(LongWindow);
        var admitted = await SpendAsync(layers, perGateway: 3);
        Assert.Equal(9, admitted);

        await _redis.FreezeAsync();
        await Until.TrueAsync(
            () => _gateways.All(static gateway => gateway.Link is { AwaySince: not null, WasJustLost: false }), "every gateway knows that it is no hiccup");
        var waited = Stopwatch.StartNew();
        var meanwhile = await SpendAsync(layers, perGateway: Quota);
        Assert.True(waited.Elapsed < 5 * CallTimeout, $"{Gateways * Quota} requests took {waited.Elapsed}.");
        Assert.All(layers, static layer => Assert.True(layer.All[0].Window.Spent > 3, "A gateway admitted nothing on its own."));
        Assert.InRange(admitted + meanwhile, 10, Quota);

        await _redis.ThawAsync();
        await Until.TrueAsync(() => _gateways.All(static gateway => gateway.Link.AwaySince is null), "leases flow again");
        Assert.InRange(admitted + meanwhile + await SpendAsync(layers, perGateway: Quota), 10, Quota);
    }

    [Fact]
    public async Task A_request_in_the_very_moment_of_a_hang_waits_once()
    {
        var gateway = _gateways[0];
        await _redis.FreezeAsync();
        var waited = Stopwatch.StartNew();
        await gateway.AdmitsAsync(Layers(LongWindow, "first")[0]);
        Assert.True(waited.Elapsed < 3 * CallTimeout, $"It waited {waited.Elapsed}.");

        waited.Restart();
        for (var i = 0; i < 100; i++) await gateway.AdmitsAsync(Layers(LongWindow, $"later{i}")[0]);
        Assert.True(waited.Elapsed < 5 * CallTimeout, $"A hundred later requests waited {waited.Elapsed}.");
        await _redis.ThawAsync();
    }

    [Fact]
    public async Task In_windows_that_begin_without_Redis_each_gateway_has_its_share_and_all_together_the_quota()
    {
        await _redis.KillAsync();
        await Until.TrueAsync(() => _gateways.All(static gateway => gateway.Link.AwaySince is not null), "every gateway has noticed");
        var layers = Layers(ShortWindow);
        await SpendAsync(layers, perGateway: 1);
        var first = layers[0].All[0].Window.Start;
        await Until.TrueAsync(async () => await SpendAsync(layers, 1) >= 0 && layers.All(layer => layer.All[0].Window.Start > first), "a new window has begun everywhere");

        await SpendAsync(layers, perGateway: Quota);
        Assert.All(layers, static layer => Assert.Equal(Quota / Gateways, layer.All[0].Window.Spent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_Redis_that_forgot_grants_nothing_in_a_window_that_had_begun(bool fromSnapshot)
    {
        var layers = Layers(LongWindow);
        if (fromSnapshot) await _redis.SaveAsync();
        var admitted = await SpendAsync(layers, perGateway: 50);
        await _redis.KillAsync();
        admitted += await SpendAsync(layers, perGateway: 20);
        await _redis.StartAsync();
        await Until.TrueAsync(() => _gateways.All(static gateway => gateway.Link.AwaySince is null), "every gateway has returned");

        admitted += await SpendAsync(layers, perGateway: Quota);
        Assert.InRange(admitted, 150, Quota);
        Assert.Equal(0, await SpendAsync(layers, perGateway: 10));
    }

    [Fact]
    public async Task Health_says_degraded_while_Redis_is_away_and_healthy_after()
    {
        var health = new RateLimiterHealth(_gateways[0].Link);
        var check = new RateLimitHealthCheck(health);
        Assert.Equal("Healthy", (await check.CheckHealthAsync(new(), TestContext.Current.CancellationToken)).Status.ToString());

        await _redis.KillAsync();
        await Until.TrueAsync(() => health.DegradedSince is not null, "the loss is noticed");
        Assert.Equal("Degraded", (await check.CheckHealthAsync(new(), TestContext.Current.CancellationToken)).Status.ToString());

        await _redis.StartAsync();
        await Until.TrueAsync(async () => (await check.CheckHealthAsync(new(), TestContext.Current.CancellationToken)).Status.ToString() == "Healthy", "it recovers by itself");
    }

    private RateLimitLayers[] Layers(QuotaWindow window, string partition = "p") =>
        [.. _gateways.Select(gateway => gateway.Layers((new("key", Quota, window), partition)))];

    private async Task<long> SpendAsync(RateLimitLayers[] layers, int perGateway)
    {
        var counts = await Task.WhenAll(layers.Select(async (layer, i) =>
        {
            var admitted = 0L;
            for (var n = 0; n < perGateway; n++) admitted += await _gateways[i].AdmitsAsync(layer) ? 1 : 0;
            return admitted;
        }));
        return counts.Sum();
    }
}
