using ValidonX.Coherence;

namespace ValidonX.Tests.Coherence;

/// <summary>What a process without a lease may answer with, and when it asks the source again.</summary>
public sealed class GraceTests : OneCachedValue
{
    [Fact]
    public async Task A_value_is_used_for_the_grace_after_the_beginning_of_its_load()
    {
        Local.Enter(Life);
        Source.Value = "first";

        Assert.Equal("first", await ReadAsync());
        Local.Time.Advance(Local.Due - Tick);
        Assert.True(Cache.TryGet(Key, out var value));
        Assert.Equal("first", value);
        Assert.Equal(1, Source.Loads);

        Source.Value = "second";
        Local.Time.Advance(Local.Grace);
        Assert.Equal("second", await ReadAsync());
    }

    [Fact]
    public async Task A_value_in_use_is_loaded_again_ahead_of_need_and_nobody_waits_for_it()
    {
        Local.Enter(Life);
        Source.Value = "first";
        await ReadAsync();

        Local.Time.Advance(Local.Due);
        Source.Hold();
        Assert.False(Cache.TryGet(Key, out _), "Nobody would load it again.");
        for (var i = 0; i < 10; i++)
        {
            var reading = Cache.GetAsync(Key, Source.Load, Cancellation);
            Assert.True(reading.IsCompletedSuccessfully, "A reader waited.");
            Assert.Equal("first", await reading);
        }

        Assert.Equal(2, Source.Loads);
        Source.Release("second");
        await Until.TrueAsync(() => Cache.TryGet(Key, out _));
        Assert.Equal("second", await ReadAsync());
        Assert.Equal(2, Source.Loads);
    }

    [Fact]
    public async Task The_grace_counts_from_the_beginning_of_a_load_not_from_its_end()
    {
        Local.Enter(Life);
        Source.Hold();
        var early = Cache.GetAsync(Key, Source.Load, Cancellation).AsTask();

        Local.Time.Advance(Local.Grace - Tick);
        var within = Cache.GetAsync(Key, Source.Load, Cancellation).AsTask();
        Local.Time.Advance(Tick);
        var beyond = Cache.GetAsync(Key, Source.Load, Cancellation).AsTask();
        Source.Value = "new";
        Source.Release("old");

        Assert.Equal("old", await early);
        Assert.Equal("old", await within);
        Assert.Equal("new", await beyond);
        Assert.Equal(2, Source.Loads);
    }

    [Fact]
    public async Task What_does_not_exist_is_remembered_too()
    {
        Local.Enter(Life);

        Assert.Null(await ReadAsync());

        Assert.True(Cache.TryGet(Key, out var missing));
        Assert.Null(missing);
    }

    [Fact]
    public async Task What_was_loaded_before_the_register_knew_is_not_used()
    {
        Source.Hold();
        var early = Cache.GetAsync(Key, Source.Load, Cancellation).AsTask();
        Local.Time.Advance(Tick);
        Local.Enter(Life);
        Source.Release("old");

        Assert.Equal("old", await early);
        Assert.False(Cache.TryGet(Key, out _));
        Assert.Equal(0, Cache.ValueCount);
    }

    [Fact]
    public async Task What_was_loaded_under_the_lease_before_the_register_knew_is_not_used_after_its_end()
    {
        Local.Renew();
        Local.Time.Advance(Local.Validity - Tick - Tick);
        Source.Value = "old";
        await ReadAsync();
        Local.Time.Advance(Tick);
        Local.Enter(Life);

        Local.Time.Advance(Tick);

        Assert.False(Cache.TryGet(Key, out _));
        Source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task What_is_in_use_is_loaded_ahead_of_the_end_of_the_lease_and_good_after_it()
    {
        Local.Renew();
        Source.Value = "leased";
        await ReadAsync();

        Local.Time.Advance(Local.Validity - Tick);
        Local.Enter(Life);
        Source.Hold();
        var reading = Cache.GetAsync(Key, Source.Load, Cancellation);
        Assert.True(reading.IsCompletedSuccessfully, "The reader waited although the lease holds.");
        Assert.Equal("leased", await reading);
        Source.Release("loaded ahead");
        await Until.TrueAsync(() => Cache.TryGet(Key, out _));

        Local.Time.Advance(Tick);
        Assert.True(Cache.TryGet(Key, out var value));
        Assert.Equal("loaded ahead", value);
    }

    [Fact]
    public async Task What_is_due_at_the_same_moment_is_loaded_a_few_at_a_time()
    {
        Local.Enter(Life);
        Source.Value = "v";
        var keys = Enumerable.Range(0, 100).Select(i => CacheKey.OfPlatform($"{i}")).ToList();
        await ReadAllAsync();
        Assert.Equal(100, Source.Loads);

        Local.Time.Advance(Local.Due);
        Source.Hold();
        await ReadAllAsync();
        Assert.InRange(Source.Loads, 101, 110);

        Source.Release("v");
        await Until.TrueAsync(async () =>
        {
            await ReadAllAsync();
            return keys.All(key => Cache.TryGet(key, out _));
        });
        Assert.Equal(200, Source.Loads);

        async Task ReadAllAsync()
        {
            foreach (var key in keys)
            {
                Assert.Equal("v", await Cache.GetAsync(key, Source.Load, Cancellation));
            }
        }
    }

    [Fact]
    public async Task With_the_entry_in_the_register_the_grace_ends()
    {
        Local.Enter(Local.Grace / 4);
        await ReadAsync();
        Assert.True(Cache.TryGet(Key, out _));

        Local.Time.Advance(Local.Grace / 4);
        Assert.False(Cache.TryGet(Key, out _));

        // Back in the register after a time out of it, in which writers did not wait.
        Local.Enter(Life);
        Assert.False(Cache.TryGet(Key, out _));
    }

    [Fact]
    public async Task An_entry_that_is_prolonged_in_time_changes_nothing()
    {
        Local.Enter(Local.Grace / 4);
        await ReadAsync();

        Local.Time.Advance(Local.Grace / 4 - Tick);
        Local.Enter(Life);
        Local.Time.Advance(Tick);

        Assert.True(Cache.TryGet(Key, out _));
    }

    [Fact]
    public async Task A_change_that_arrives_all_the_same_ends_the_value_and_overtakes_its_load()
    {
        Local.Enter(Life);
        Source.Value = "old";
        await ReadAsync();
        Local.Time.Advance(Local.Due);
        Source.Hold();
        await Cache.GetAsync(Key, Source.Load, Cancellation);

        Local.Caches.Apply([Invalidation.OfPlatformEntry("value", "k")]);
        Source.Release("old");

        Assert.False(Cache.TryGet(Key, out _));
        Source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task ASource_that_fails_ahead_of_need_costs_nobody_an_error_before_the_grace_is_over()
    {
        Local.Enter(Life);
        Source.Value = "v";
        await ReadAsync();
        Local.Time.Advance(Local.Due);
        Source.Fails = true;

        Assert.Equal("v", await ReadAsync());
        Assert.Equal("v", await ReadAsync());
        Local.Time.Advance(Local.Grace - Local.Due);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync());
    }
}
