using ValidonX.Platform.Coherence;

namespace ValidonX.Tests.Platform.Coherence;

/// <summary>What becomes of what a process has loaded before, when it gets a lease again.</summary>
public sealed class NewLeaseTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(30);
    private static readonly CacheKey<string> Key = CacheKey.OfPlatform("k");

    private readonly HeldSource _source = new();
    private readonly LocalCaches _local = new();
    private readonly CoherentCache<string, string> _cache;

    public NewLeaseTests() => _cache = _local.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_a_new_lease_what_was_read_a_moment_ago_is_used_while_it_is_loaded_again()
    {
        _local.Enter(Life);
        _source.Value = "adrift";
        await ReadAsync();

        Return();
        _source.Hold();
        Assert.False(_cache.TryGet(Key, out _), "Nobody would load it again.");
        var reading = _cache.GetAsync(Key, _source.Load, Cancellation);
        Assert.True(reading.IsCompletedSuccessfully, "A reader waited.");
        Assert.Equal("adrift", await reading);
        _source.Release("leased");
        await Until.TrueAsync(() => _cache.TryGet(Key, out _));

        _local.Caches.View.Grace.End();
        Assert.Equal("leased", await ReadAsync());
        Assert.Equal(2, _source.Loads);
    }

    [Fact]
    public async Task With_a_new_lease_what_was_read_before_it_is_no_longer_used_than_the_grace_lasts()
    {
        _local.Enter(Life);
        _source.Value = "old";
        await ReadAsync();
        Return();

        _local.Time.Advance(_local.Grace - 2 * Tick);
        _local.Renew();
        Assert.Equal("old", await _cache.GetAsync(Key, (_, _) => throw new InvalidOperationException(), Cancellation));
        _local.Time.Advance(Tick);
        _source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_a_new_lease_what_was_loaded_under_an_earlier_one_is_not_used(bool inGrace)
    {
        _local.Renew();
        _source.Value = "old, may be from a copy";
        await ReadAsync();
        _local.Time.Advance(_local.Validity);
        if (inGrace)
        {
            _local.Enter(Life);
        }

        Return();

        Assert.False(_cache.TryGet(Key, out _));
        _source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task A_load_that_a_new_lease_overtook_is_not_kept()
    {
        _local.Enter(Life);
        _source.Hold();
        var early = _cache.GetAsync(Key, _source.Load, Cancellation).AsTask();
        Return();
        _source.Release("old");

        Assert.Equal("old", await early);
        Assert.False(_cache.TryGet(Key, out _));
        _source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task What_everybody_must_forget_is_forgotten_though_the_grace_is_on()
    {
        _local.Enter(Life);
        _source.Value = "old";
        await ReadAsync();
        Return();

        _local.Apply(Invalidation.Everything);

        _source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task Adrift_again_before_the_grace_has_ended_what_is_in_use_is_loaded_ahead_of_the_end_of_the_lease()
    {
        _local.Enter(Life);
        Return();
        _source.Value = "leased";
        await ReadAsync();
        Assert.True(_cache.TryGet(Key, out _));

        _local.Caches.View.Grace.IsEnding = false;
        _local.Time.Advance(_local.Due);
        Assert.False(_cache.TryGet(Key, out _), "Nobody would load it again.");
        Assert.Equal("leased", await ReadAsync());
        Assert.Equal(2, _source.Loads);
    }

    public void Dispose() => _local.Dispose();

    /// <summary>A renewal succeeds after the lease was lost.</summary>
    private void Return()
    {
        _local.Time.Advance(Tick);
        _local.Renew();
        _local.Caches.View.Grace.IsEnding = true;
    }

    private Task<string?> ReadAsync() => _cache.GetAsync(Key, _source.Load, Cancellation).AsTask();
}
