using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ValidonX.Coherence;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Coherence;

/// <summary>The promise of <see cref="ICoherence"/> on several replicas and a real Redis.</summary>
public sealed class CoherenceAcrossReplicasTests(RedisServerProcess server) : IClassFixture<RedisServerProcess>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 1_500)]
    [InlineData(true, 60)]
    public async Task No_replica_answers_with_the_old_value_after_the_writer_has_returned(bool subscriptionsBreak, int writes)
    {
        const int Keys = 8;
        var replicas = await TestReplica.StartAsync(server, 3);
        var source = new long[Keys];
        var returned = new long[Keys];
        var stale = new ConcurrentQueue<string>();
        long reads = 0, loads = 0, done = 0;

        using var stop = new CancellationTokenSource();
        var readers = replicas.SelectMany(replica => Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var key = Random.Shared.Next(Keys);
                var atLeast = Volatile.Read(ref returned[key]);
                var value = await replica.Values.GetAsync(CacheKey.OfPlatform($"k{key}"), LoadAsync, Cancellation);
                Interlocked.Increment(ref reads);
                if (long.Parse(value!, CultureInfo.InvariantCulture) < atLeast)
                {
                    stale.Enqueue($"key {key}: {value} after {atLeast}");
                }

                await Task.Yield();
            }
        }, Cancellation))).ToArray();
        var breaker = Task.Run(async () =>
        {
            while (subscriptionsBreak && !stop.IsCancellationRequested)
            {
                await server.CommandAsync("CLIENT KILL TYPE pubsub");
                await Task.Delay(300, Cancellation);
            }
        }, Cancellation);

        await Task.WhenAll(Enumerable.Range(0, Keys).Select(key => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref done) <= writes)
            {
                var version = Interlocked.Increment(ref source[key]);
                await replicas[key % replicas.Length].InvalidateAsync(Invalidation.OfPlatformEntry("value", $"k{key}"));
                Volatile.Write(ref returned[key], version);
            }
        }, Cancellation)));
        await stop.CancelAsync();
        await Task.WhenAll([.. readers, breaker]);

        Assert.Empty(stale);
        Assert.True(loads < reads / 2, $"{loads} loads for {reads} reads: nothing was cached, so nothing was tested.");
        foreach (var replica in replicas)
        {
            await replica.DisposeAsync();
        }

        async Task<string?> LoadAsync(CacheKey<string> key, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref loads);
            var version = Volatile.Read(ref source[int.Parse(key.Id.AsSpan(1), CultureInfo.InvariantCulture)]);
            for (var i = Random.Shared.Next(20); i > 0; i--)
            {
                await Task.Yield();
            }

            return version.ToString(CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public async Task A_load_that_a_change_overtook_is_not_kept()
    {
        var replicas = await TestReplica.StartAsync(server, 2);
        await using var writer = replicas[0];
        await using var reader = replicas[1];
        var key = CacheKey.OfPlatform("overtaken");
        var loading = new TaskCompletionSource<string?>();

        var early = reader.Values.GetAsync(key, (_, _) => loading.Task, Cancellation).AsTask();
        await writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "overtaken"));
        var late = await reader.Values.GetAsync(key, (_, _) => Task.FromResult<string?>("new"), Cancellation);
        loading.SetResult("old");

        Assert.Equal("new", late);
        Assert.Equal("old", await early);
        Assert.True(reader.Values.TryGet(key, out var kept));
        Assert.Equal("new", kept);
    }

    [Fact]
    public async Task A_writer_waits_for_a_frozen_replica_until_that_has_lost_its_lease_and_bypasses_its_cache()
    {
        var replicas = await TestReplica.StartAsync(server, 3);
        await using var writer = replicas[0];
        await using var alive = replicas[1];
        await using var frozen = replicas[2];
        var key = CacheKey.OfPlatform("frozen");
        await alive.Values.GetAsync(key, Load("old"), Cancellation);
        await frozen.Values.GetAsync(key, Load("old"), Cancellation);

        frozen.Bus.Hold();
        var waited = Stopwatch.StartNew();
        await writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "frozen"));

        Assert.False(frozen.HasLease);
        Assert.False(frozen.Values.TryGet(key, out _));
        Assert.Equal("new", await frozen.Values.GetAsync(key, Load("new"), Cancellation));
        Assert.False(frozen.Values.TryGet(key, out _));
        Assert.Equal("new", await alive.Values.GetAsync(key, Load("new"), Cancellation));
        Assert.InRange(waited.Elapsed, TimeSpan.Zero, TestReplica.Lease + TimeSpan.FromSeconds(5));

        // The next writer does not wait for it again.
        await writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "frozen"));

        frozen.Bus.Release();
        await Until.TrueAsync(() => frozen.HasLease);
        Assert.Equal("newest", await frozen.Values.GetAsync(key, Load("newest"), Cancellation));
        Assert.True(frozen.Values.TryGet(key, out _));
    }

    [Fact]
    public async Task A_replica_that_misses_the_message_empties_its_caches_before_its_lease_is_prolonged()
    {
        // Long, so that it is certain that nobody waited for its end.
        var lease = TimeSpan.FromSeconds(20);
        await using var writer = await TestReplica.StartAsync(server, lease);
        await using var reader = await TestReplica.StartAsync(server, lease);
        var key = CacheKey.OfPlatform("missed");
        await reader.Values.GetAsync(key, Load("old"), Cancellation);

        reader.Bus.Lose();
        await writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "missed"));

        Assert.True(reader.HasLease);
        Assert.False(reader.Values.TryGet(key, out _));
        Assert.Equal(writer.Caches.View.Position, reader.Caches.View.Position);
    }

    [Fact]
    public async Task A_replica_that_stops_is_not_waited_for()
    {
        var replicas = await TestReplica.StartAsync(server, 2);
        await using var writer = replicas[0];
        await replicas[1].DisposeAsync();

        var waited = Stopwatch.StartNew();
        await writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "left"));

        Assert.InRange(waited.Elapsed, TimeSpan.Zero, TestReplica.Lease / 2);
    }

    [Fact]
    public async Task What_was_cached_as_missing_is_found_once_it_is_created()
    {
        var replicas = await TestReplica.StartAsync(server, 2);
        await using var writer = replicas[0];
        await using var reader = replicas[1];
        var key = CacheKey.OfPlatform("created");
        Assert.Null(await reader.Values.GetAsync(key, Load(null), Cancellation));
        Assert.True(reader.Values.TryGet(key, out var missing));
        Assert.Null(missing);

        await writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", "created"));

        Assert.Equal("there", await reader.Values.GetAsync(key, Load("there"), Cancellation));
    }

    [Fact]
    public async Task Dropping_a_tenant_spares_the_others()
    {
        var replicas = await TestReplica.StartAsync(server, 2);
        await using var writer = replicas[0];
        await using var reader = replicas[1];
        var (dropped, spared) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        foreach (var tenant in new[] { dropped, spared })
        {
            await reader.Values.GetAsync(CacheKey.OfTenant(tenant, "a"), Load("a"), Cancellation);
            await reader.Values.GetAsync(CacheKey.OfTenant(tenant, "b"), Load(null), Cancellation);
        }

        await writer.InvalidateAsync(Invalidation.OfTenant(dropped));

        Assert.False(reader.Values.TryGet(CacheKey.OfTenant(dropped, "a"), out _));
        Assert.False(reader.Values.TryGet(CacheKey.OfTenant(dropped, "b"), out _));
        Assert.True(reader.Values.TryGet(CacheKey.OfTenant(spared, "a"), out _));
        Assert.True(reader.Values.TryGet(CacheKey.OfTenant(spared, "b"), out _));

        await writer.InvalidateAsync(Invalidation.Everything);
        Assert.False(reader.Values.TryGet(CacheKey.OfTenant(spared, "a"), out _));
    }

    [Fact]
    public async Task Concurrent_changes_travel_together()
    {
        const int Writers = 2_000;
        var replicas = await TestReplica.StartAsync(server, 2);
        await using var writer = replicas[0];
        await using var reader = replicas[1];
        var before = writer.Caches.View.Position.Applied;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(i => writer.InvalidateAsync(Invalidation.OfPlatformEntry("value", $"many-{i}"))));

        // Every one of them has been acknowledged by the reader, in far fewer messages than changes.
        Assert.InRange(writer.Caches.View.Position.Applied - before, 1, Writers / 4);
        Assert.Equal(writer.Caches.View.Position, reader.Caches.View.Position);
    }

    private static Func<CacheKey<string>, CancellationToken, Task<string?>> Load(string? value) => (_, _) => Task.FromResult(value);
}
