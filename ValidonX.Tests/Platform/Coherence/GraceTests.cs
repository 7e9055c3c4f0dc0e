using ValidonX.Platform.Coherence;

namespace ValidonX.Tests.Platform.Coherence;

/// <summary>What a process without a lease may answer with, and when it asks the source again.</summary>
public sealed class GraceTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(30);
    private static readonly CacheKey<string> Key = CacheKey.OfPlatform("k");

    private readonly HeldSource _source = new();
    private readonly LocalCaches _local = new();
    private readonly CoherentCache<string, string> _cache;

    public GraceTests() => _cache = _local.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_is_used_for_the_grace_after_the_beginning_of_its_load()
    {
        _local.Enter(Life);
        _source.Value = "first";

        Assert.Equal("first", await ReadAsync());
        _local.Time.Advance(_local.Due - Tick);
        Assert.True(_cache.TryGet(Key, out var value));
        Assert.Equal("first", value);
        Assert.Equal(1, _source.Loads);

        _source.Value = "second";
        _local.Time.Advance(_local.Grace);
        Assert.Equal("second", await ReadAsync());
    }

    [Fact]
    public async Task A_value_in_use_is_loaded_again_ahead_of_need_and_nobody_waits_for_it()
    {
        _local.Enter(Life);
        _source.Value = "first";
        await ReadAsync();

        _local.Time.Advance(_local.Due);
        _source.Hold();
        Assert.False(_cache.TryGet(Key, out _), "Nobody would load it again.");
        for (var i = 0; i < 10; i++)
        {
            var reading = _cache.GetAsync(Key, _source.Load, Cancellation);
            Assert.True(reading.IsCompletedSuccessfully, "A reader waited.");
            Assert.Equal("first", await reading);
        }

        Assert.Equal(2, _source.Loads);
        _source.Release("second");
        await Until.TrueAsync(() => _cache.TryGet(Key, out _));
        Assert.Equal("second", await ReadAsync());
        Assert.Equal(2, _source.Loads);
    }

    [Fact]
    public async Task The_grace_counts_from_the_beginning_of_a_load_not_from_its_end()
    {
        _local.Enter(Life);
        _source.Hold();
        var early = _cache.GetAsync(Key, _source.Load, Cancellation).AsTask();

        _local.Time.Advance(_local.Grace - Tick);
        var within = _cache.GetAsync(Key, _source.Load, Cancellation).AsTask();
        _local.Time.Advance(Tick);
        var beyond = _cache.GetAsync(Key, _source.Load, Cancellation).AsTask();
        _source.Value = "new";
        _source.Release("old");

        Assert.Equal("old", await early);
        Assert.Equal("old", await within);
        Assert.Equal("new", await beyond);
        Assert.Equal(2, _source.Loads);
    }

    [Fact]
    public async Task What_does_not_exist_is_remembered_too()
    {
        _local.Enter(Life);

        Assert.Null(await ReadAsync());

        Assert.True(_cache.TryGet(Key, out var missing));
        Assert.Null(missing);
    }

    [Fact]
    public async Task What_was_loaded_before_the_register_knew_is_not_used()
    {
        _source.Hold();
        var early = _cache.GetAsync(Key, _source.Load, Cancellation).AsTask();
        _local.Time.Advance(Tick);
        _local.Enter(Life);
        _source.Release("old");

        Assert.Equal("old", await early);
        Assert.False(_cache.TryGet(Key, out _));
        Assert.Equal(0, _cache.ValueCount);
    }

    [Fact]
    public async Task What_was_loaded_under_the_lease_is_not_used_after_its_end()
    {
        _local.Renew();
        _local.Time.Advance(_local.Validity - Tick);
        _source.Value = "old, may be from a copy";
        await ReadAsync();
        _local.Enter(Life);

        _local.Time.Advance(Tick);

        Assert.False(_cache.TryGet(Key, out _));
        _source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task What_is_in_use_is_loaded_ahead_of_the_end_of_the_lease_and_good_after_it()
    {
        _local.Renew();
        _source.Value = "leased";
        await ReadAsync();

        _local.Time.Advance(_local.Validity - Tick);
        _local.Enter(Life);
        _source.Hold();
        var reading = _cache.GetAsync(Key, _source.Load, Cancellation);
        Assert.True(reading.IsCompletedSuccessfully, "The reader waited although the lease holds.");
        Assert.Equal("leased", await reading);
        _source.Release("loaded ahead");
        await Until.TrueAsync(() => _cache.TryGet(Key, out _));

        _local.Time.Advance(Tick);
        Assert.True(_cache.TryGet(Key, out var value));
        Assert.Equal("loaded ahead", value);
    }

    [Fact]
    public async Task What_is_due_at_the_same_moment_is_loaded_a_few_at_a_time()
    {
        _local.Enter(Life);
        _source.Value = "v";
        var keys = Enumerable.Range(0, 100).Select(i => CacheKey.OfPlatform($"{i}")).ToList();
        await ReadAllAsync();
        Assert.Equal(100, _source.Loads);

        _local.Time.Advance(_local.Due);
        _source.Hold();
        await ReadAllAsync();
        Assert.InRange(_source.Loads, 101, 110);

        _source.Release("v");
        await Until.TrueAsync(async () =>
        {
            await ReadAllAsync();
            return keys.All(key => _cache.TryGet(key, out _));
        });
        Assert.Equal(200, _source.Loads);

        async Task ReadAllAsync()
        {
            foreach (var key in keys)
            {
                Assert.Equal("v", await _cache.GetAsync(key, _source.Load, Cancellation));
            }
        }
    }

    [Fact]
    public async Task With_the_entry_in_the_register_the_grace_ends()
    {
        _local.Enter(_local.Grace / 4);
        await ReadAsync();
        Assert.True(_cache.TryGet(Key, out _));

        _local.Time.Advance(_local.Grace / 4);
        Assert.False(_cache.TryGet(Key, out _));

        // Back in the register after a time out of it, in which writers did not wait.
        _local.Enter(Life);
        Assert.False(_cache.TryGet(Key, out _));
    }

    [Fact]
    public async Task An_entry_that_is_prolonged_in_time_changes_nothing()
    {
        _local.Enter(_local.Grace / 4);
        await ReadAsync();

        _local.Time.Advance(_local.Grace / 4 - Tick);
        _local.Enter(Life);
        _local.Time.Advance(Tick);

        Assert.True(_cache.TryGet(Key, out _));
    }

    [Fact]
    public async Task A_change_that_arrives_all_the_same_ends_the_value_and_overtakes_its_load()
    {
        _local.Enter(Life);
        _source.Value = "old";
        await ReadAsync();
        _local.Time.Advance(_local.Due);
        _source.Hold();
        await _cache.GetAsync(Key, _source.Load, Cancellation);

        _local.Caches.Apply([Invalidation.OfPlatformEntry("value", "k")]);
        _source.Release("old");

        Assert.False(_cache.TryGet(Key, out _));
        _source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task A_source_that_fails_ahead_of_need_costs_nobody_an_error_before_the_grace_is_over()
    {
        _local.Enter(Life);
        _source.Value = "v";
        await ReadAsync();
        _local.Time.Advance(_local.Due);
        _source.Fails = true;

        Assert.Equal("v", await ReadAsync());
        Assert.Equal("v", await ReadAsync());
        _local.Time.Advance(_local.Grace - _local.Due);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync());
    }

    public void Dispose() => _local.Dispose();

    private Task<string?> ReadAsync() => _cache.GetAsync(Key, _source.Load, Cancellation).AsTask();
}
