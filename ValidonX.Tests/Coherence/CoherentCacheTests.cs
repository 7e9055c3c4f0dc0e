using ValidonX.Coherence;

namespace ValidonX.Tests.Coherence;

/// <summary>One process's cache: what it keeps, for how long, and which loads are shared.</summary>
public sealed class CoherentCacheTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Concurrent_misses_share_one_load()
    {
        using var local = new LocalCaches();
        var cache = local.Create();
        local.Renew();
        var source = new Source();

        var readers = Enumerable.Range(0, 50).Select(_ => cache.GetAsync(CacheKey.OfPlatform("k"), source.Load, Cancellation).AsTask()).ToArray();
        source.Answer(0, "v");

        Assert.All(await Task.WhenAll(readers), value => Assert.Equal("v", value));
        Assert.Equal(1, source.Loads);
    }

    [Fact]
    public async Task Without_a_lease_a_reader_shares_only_a_load_that_begins_after_it_came()
    {
        using var local = new LocalCaches();
        var cache = local.Create();
        var source = new Source();

        var first = cache.GetAsync(CacheKey.OfPlatform("k"), source.Load, Cancellation).AsTask();
        var later = Enumerable.Range(0, 20).Select(_ => cache.GetAsync(CacheKey.OfPlatform("k"), source.Load, Cancellation).AsTask()).ToArray();
        Assert.Equal(1, source.Loads);
        source.Answer(0, "old");
        Assert.Equal("old", await first);
        source.Answer(1, "new");

        Assert.All(await Task.WhenAll(later), value => Assert.Equal("new", value));
        Assert.Equal(2, source.Loads);
        Assert.Equal(0, cache.ValueCount);
    }

    [Fact]
    public async Task A_load_begun_without_a_lease_is_not_kept_when_the_lease_is_regained_meanwhile()
    {
        using var local = new LocalCaches();
        var cache = local.Create();
        var source = new Source();
        var early = cache.GetAsync(CacheKey.OfPlatform("k"), source.Load, Cancellation).AsTask();

        local.Renew();
        var late = cache.GetAsync(CacheKey.OfPlatform("k"), source.Load, Cancellation).AsTask();
        source.Answer(1, "new");
        source.Answer(0, "old");

        Assert.Equal("old", await early);
        Assert.Equal("new", await late);
        Assert.True(cache.TryGet(CacheKey.OfPlatform("k"), out var kept));
        Assert.Equal("new", kept);
    }

    [Fact]
    public async Task A_failed_load_fails_those_who_waited_and_is_tried_again_by_the_next()
    {
        using var local = new LocalCaches();
        var cache = local.Create();
        local.Renew();

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => cache.GetAsync(CacheKey.OfPlatform("k"), (_, _) => throw new InvalidOperationException(), Cancellation).AsTask());
        Assert.Equal("v", await cache.GetAsync(CacheKey.OfPlatform("k"), (_, _) => Task.FromResult<string?>("v"), Cancellation));
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_end_the_load_of_the_others()
    {
        using var local = new LocalCaches();
        var cache = local.Create();
        local.Renew();
        var source = new Source();
        using var impatient = new CancellationTokenSource();

        var first = cache.GetAsync(CacheKey.OfPlatform("k"), source.Load, impatient.Token).AsTask();
        var second = cache.GetAsync(CacheKey.OfPlatform("k"), source.Load, Cancellation).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        source.Answer(0, "v");

        Assert.Equal("v", await second);
    }

    [Fact]
    public async Task A_load_that_never_ends_is_given_up()
    {
        using var local = new LocalCaches();
        var cache = local.Create(new() { Type = "value", LoadTimeout = TimeSpan.FromMilliseconds(20) });
        local.Renew();

        await Assert.ThrowsAsync<TimeoutException>(
            () => cache.GetAsync(CacheKey.OfPlatform("k"), (_, _) => new TaskCompletionSource<string?>().Task, Cancellation).AsTask());
    }

    [Fact]
    public async Task Values_and_negatives_expire_each_in_its_time()
    {
        using var local = new LocalCaches();
        var cache = local.Create(new() { Type = "value", TimeToLive = TimeSpan.FromSeconds(3), NegativeTimeToLive = TimeSpan.FromSeconds(1) });
        local.Renew();
        await FillAsync(cache, CacheKey.OfPlatform("value"), "v");
        await FillAsync(cache, CacheKey.OfPlatform("missing"), null);

        local.Time.Advance(TimeSpan.FromSeconds(1));
        local.Renew();
        Assert.False(cache.TryGet(CacheKey.OfPlatform("missing"), out _));
        Assert.True(cache.TryGet(CacheKey.OfPlatform("value"), out _));
        local.Time.Advance(TimeSpan.FromSeconds(2));
        local.Renew();
        Assert.False(cache.TryGet(CacheKey.OfPlatform("value"), out _));
    }

    [Fact]
    public async Task A_lost_lease_hides_everything()
    {
        using var local = new LocalCaches();
        var cache = local.Create();
        local.Renew();
        await FillAsync(cache, CacheKey.OfPlatform("k"), "v");

        local.Time.Advance(local.Validity);

        Assert.False(cache.TryGet(CacheKey.OfPlatform("k"), out _));
    }

    [Fact]
    public async Task A_tenant_beyond_its_share_evicts_only_its_own()
    {
        using var local = new LocalCaches();
        var cache = local.Create(new() { Type = "value", Capacity = 100, TenantCapacity = 10, NegativeCapacity = 20, TenantNegativeCapacity = 5 });
        local.Renew();
        var (modest, greedy) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        for (var i = 0; i < 10; i++)
        {
            await FillAsync(cache, CacheKey.OfTenant(modest, $"{i}"), "v");
        }

        for (var i = 0; i < 1_000; i++)
        {
            await FillAsync(cache, CacheKey.OfTenant(greedy, $"{i}"), "v");
            await FillAsync(cache, CacheKey.OfTenant(greedy, $"missing-{i}"), null);
        }

        Assert.Equal(20, cache.ValueCount);
        Assert.Equal(5, cache.NegativeCount);
        Assert.All(Enumerable.Range(0, 10), i => Assert.True(cache.TryGet(CacheKey.OfTenant(modest, $"{i}"), out _)));
    }

    [Fact]
    public async Task A_full_cache_takes_from_those_who_hold_most()
    {
        using var local = new LocalCaches();
        var cache = local.Create(new() { Type = "value", Capacity = 100, TenantCapacity = 90 });
        local.Renew();
        var (modest, greedy) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        for (var i = 0; i < 10; i++)
        {
            await FillAsync(cache, CacheKey.OfTenant(modest, $"{i}"), "v");
        }

        for (var i = 0; i < 1_000; i++)
        {
            await FillAsync(cache, CacheKey.OfTenant(greedy, $"{i}"), "v");
        }

        Assert.Equal(100, cache.ValueCount);
        Assert.All(Enumerable.Range(0, 10), i => Assert.True(cache.TryGet(CacheKey.OfTenant(modest, $"{i}"), out _)));
    }

    [Fact]
    public async Task A_flood_of_unknown_keys_evicts_no_value()
    {
        using var local = new LocalCaches();
        var cache = local.Create(new() { Type = "value", Capacity = 10, NegativeCapacity = 10 });
        local.Renew();
        await FillAsync(cache, CacheKey.OfPlatform("known"), "v");

        for (var i = 0; i < 1_000; i++)
        {
            await FillAsync(cache, CacheKey.OfPlatform($"unknown-{i}"), null);
        }

        Assert.Equal(10, cache.NegativeCount);
        Assert.True(cache.TryGet(CacheKey.OfPlatform("known"), out _));
    }

    [Fact]
    public async Task What_is_in_use_outlives_what_is_not()
    {
        using var local = new LocalCaches();
        var cache = local.Create(new() { Type = "value", Capacity = 10 });
        local.Renew();
        await FillAsync(cache, CacheKey.OfPlatform("used"), "v");

        for (var i = 0; i < 100; i++)
        {
            await FillAsync(cache, CacheKey.OfPlatform($"{i}"), "v");
            Assert.True(cache.TryGet(CacheKey.OfPlatform("used"), out _));
        }
    }

    [Fact]
    public async Task A_value_under_a_platform_key_goes_with_the_tenant_that_owns_it()
    {
        using var local = new LocalCaches();
        var (dropped, spared) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var cache = local.Create(new() { Type = "api-key", Owner = value => Guid.Parse(value) });
        local.Renew();
        await FillAsync(cache, CacheKey.OfPlatform("one"), $"{dropped}");
        await FillAsync(cache, CacheKey.OfPlatform("two"), $"{spared}");
        var source = new Source();
        var loading = cache.GetAsync(CacheKey.OfPlatform("three"), source.Load, Cancellation).AsTask();

        local.Apply(Invalidation.OfTenant(dropped));
        source.Answer(0, $"{dropped}");
        await loading;

        Assert.False(cache.TryGet(CacheKey.OfPlatform("one"), out _));
        Assert.False(cache.TryGet(CacheKey.OfPlatform("three"), out _));
        Assert.True(cache.TryGet(CacheKey.OfPlatform("two"), out _));
    }

    [Fact]
    public async Task Dropped_tenants_give_their_memory_back()
    {
        using var local = new LocalCaches();
        var cache = local.Create(new() { Type = "value", Capacity = 50, TenantCapacity = 50 });
        local.Renew();
        for (var round = 0; round < 20; round++)
        {
            var tenant = Guid.CreateVersion7();
            for (var i = 0; i < 50; i++)
            {
                await FillAsync(cache, CacheKey.OfTenant(tenant, $"{i}"), "v");
            }

            Assert.Equal(50, cache.ValueCount);
            local.Apply(Invalidation.OfTenant(tenant));
            Assert.Equal(0, cache.ValueCount);
        }
    }

    [Fact]
    public async Task A_warm_hit_allocates_nothing()
    {
        using var local = new LocalCaches();
        var cache = local.Create();
        local.Renew();
        var key = CacheKey.OfTenant(Guid.CreateVersion7(), "k");
        await FillAsync(cache, key, "v");
        var load = new Source().Load;
        Hit(100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Hit(1_000);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Hit(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Assert.True(cache.TryGet(in key, out _));
                Assert.True(IsAnswered(cache.GetAsync(key, load, CancellationToken.None)));
            }
        }
    }

    private static bool IsAnswered(ValueTask<string?> answer) => answer.IsCompletedSuccessfully;

    private static async Task FillAsync(CoherentCache<string, string> cache, CacheKey<string> key, string? value) =>
        Assert.Equal(value, await cache.GetAsync(key, (_, _) => Task.FromResult(value), Cancellation));

    /// <summary>A source whose answers the test gives, one for each load.</summary>
    private sealed class Source
    {
        private readonly List<TaskCompletionSource<string?>> _answers = [.. Enumerable.Range(0, 10).Select(_ => new TaskCompletionSource<string?>())];
        private int _loads;

        public int Loads => Volatile.Read(ref _loads);

        public Func<CacheKey<string>, CancellationToken, Task<string?>> Load => (_, _) => _answers[Interlocked.Increment(ref _loads) - 1].Task;

        public void Answer(int load, string? value) => _answers[load].SetResult(value);
    }
}
