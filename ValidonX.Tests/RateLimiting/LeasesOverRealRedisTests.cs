using ValidonX.RateLimiting;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.RateLimiting;

/// <summary>The script in a real redis-server, asked by several gateways on real time.</summary>
public sealed class LeasesOverRealRedisTests(RedisServerProcess redis) : IClassFixture<RedisServerProcess>, IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];

    // Longer than any test: no window's end falls into one by chance.
    private static readonly QuotaWindow LongWindow = QuotaWindow.OfSeconds(86_400);

    [Theory]
    [InlineData(1, 120)]
    [InlineData(3, 120)]
    [InlineData(3, 1000)]
    [InlineData(3, 7)]
    [InlineData(5, 400)]
    public async Task The_quota_is_used_up_over_all_replicas_and_never_exceeded_by_one(int replicas, int quota)
    {
        var partition = Guid.NewGuid().ToString("N");
        var gateways = await GatewaysAsync(replicas);
        var layers = gateways.Select(gateway => gateway.Layers((new("key", quota, LongWindow), partition))).ToArray();

        long admitted = 0;
        async Task BlastAsync()
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, quota * 3), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                var at = i % replicas;
                if (await gateways[at].AdmitsAsync(layers[at])) Interlocked.Increment(ref admitted);
            });
        }

        await BlastAsync();
        Assert.InRange(admitted, quota * 90 / 100, quota);
        await Until.TrueAsync(async () =>
        {
            await BlastAsync();
            return admitted == quota;
        }, "what others hold in reserve has come back");
        await BlastAsync();
        Assert.Equal(quota, admitted);
    }

    [Fact]
    public async Task A_refusal_in_one_layer_costs_nothing_in_the_others()
    {
        var id = Guid.NewGuid().ToString("N");
        var gateway = (await GatewaysAsync(1))[0];
        var key = new RateLimitPolicy("key", 100, LongWindow);
        var both = gateway.Layers((key, id), (new("endpoint", 3, LongWindow), id));
        var admitted = 0;
        for (var i = 0; i < 50; i++) admitted += await gateway.AdmitsAsync(both) ? 1 : 0;
        Assert.Equal(3, admitted);

        var keyOnly = gateway.Layers((key, id));
        for (var i = 0; i < 200; i++) admitted += await gateway.AdmitsAsync(keyOnly) ? 1 : 0;
        Assert.Equal(100, admitted);
    }

    [Fact]
    public async Task Warm_requests_make_no_call_to_Redis_and_allocate_nothing()
    {
        var gateway = (await GatewaysAsync(1))[0];
        var id = Guid.NewGuid().ToString("N");
        var layers = gateway.Layers(
            (new("key", 10_000_000, LongWindow), id), (new("endpoint", 10_000_000, LongWindow), id), (new("tenant", 10_000_000, QuotaWindow.Month), id));
        await Until.TrueAsync(async () =>
        {
            for (var i = 0; i < 2000; i++) Assert.True(await gateway.AdmitsAsync(layers));
            return layers.All.All(static layer => layer.Window.Units > 20_000 && !layer.IsCalling);
        }, "leases have grown with demand");

        var calls = await ScriptCallsAsync();
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var admitted = 0;
        for (var i = 0; i < 10_000; i++) admitted += gateway.Engine.TryAcquire(layers) ? 1 : 0;
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        calls = await ScriptCallsAsync() - calls;

        Assert.Equal(10_000, admitted);
        Assert.Equal(0, bytes);
        Assert.InRange(calls, 0, 1); // a beat may fall between
    }

    [Fact]
    public async Task A_smaller_quota_is_in_force_at_once_and_a_larger_one_too()
    {
        var gateway = (await GatewaysAsync(1))[0];
        var id = Guid.NewGuid().ToString("N");
        var layers = gateway.Layers((new("key", 1000, LongWindow), id));
        for (var i = 0; i < 20; i++) Assert.True(await gateway.AdmitsAsync(layers));

        gateway.Layers((new("key", 10, LongWindow), id));
        Assert.False(await gateway.AdmitsAsync(layers));

        gateway.Layers((new("key", 25, LongWindow), id));
        var admitted = 0;
        for (var i = 0; i < 50; i++) admitted += await gateway.AdmitsAsync(layers) ? 1 : 0;
        Assert.Equal(5, admitted);
    }

    [Fact]
    public async Task What_a_stopped_gateway_held_is_free_for_the_others()
    {
        var id = Guid.NewGuid().ToString("N");
        var gateways = await GatewaysAsync(2);
        var policy = new RateLimitPolicy("key", 100, LongWindow);
        Assert.True(await gateways[0].AdmitsAsync(gateways[0].Layers((policy, id))));
        await gateways[0].StopAsync();

        var layers = gateways[1].Layers((policy, id));
        var admitted = 0;
        for (var i = 0; i < 300; i++) admitted += await gateways[1].AdmitsAsync(layers) ? 1 : 0;
        Assert.Equal(99, admitted);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Enumerable.Reverse(_owned)) await owned.DisposeAsync();
    }

    private async Task<LimiterReplica[]> GatewaysAsync(int count)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        var gateways = new LimiterReplica[count];
        for (var i = 0; i < count; i++)
        {
            var connection = redis.Connect();
            _owned.Add(new Owned(connection));
            gateways[i] = new LimiterReplica(
                new RedisLeaseTransport(connection), new LeasingOptions { ReplicaId = $"{run}-{i}", CallTimeout = TimeSpan.FromSeconds(1) });
            _owned.Add(gateways[i]);
            await gateways[i].Service.StartAsync(CancellationToken.None);
            Assert.Equal(LinkState.Connected, gateways[i].State.Link);
        }

        return gateways;
    }

    private async Task<long> ScriptCallsAsync()
    {
        using var connection = redis.Connect(",allowAdmin=true");
        var info = (string)(await connection.GetDatabase().ExecuteAsync("INFO", "commandstats"))!;
        var line = info.Split('\n').SingleOrDefault(static line => line.StartsWith("cmdstat_evalsha:calls=", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split('=', ',')[1], null);
    }

    private sealed class Owned(IDisposable connection) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            connection.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
