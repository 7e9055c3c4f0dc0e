using ValidonX.Coherence;

namespace ValidonX.Tests.Coherence;

/// <summary>What becomes of what a process has loaded before, when it gets a lease again.</summary>
public sealed class NewLeaseTests : OneCachedValue
{
    [Fact]
    public async Task With_a_new_lease_what_was_read_a_moment_ago_is_used_while_it_is_loaded_again()
    {
        Local.Enter(Life);
        Source.Value = "cut off";
        await ReadAsync();

        Return();
        Source.Hold();
        Assert.False(Cache.TryGet(Key, out _), "Nobody would load it again.");
        var reading = Cache.GetAsync(Key, Source.Load, Cancellation);
        Assert.True(reading.IsCompletedSuccessfully, "A reader waited.");
        Assert.Equal("cut off", await reading);
        Source.Release("leased");
        await Until.TrueAsync(() => Cache.TryGet(Key, out _));

        Local.Caches.View.Grace.End();
        Assert.Equal("leased", await ReadAsync());
        Assert.Equal(2, Source.Loads);
    }

    [Fact]
    public async Task With_a_new_lease_what_was_read_before_it_is_no_longer_used_than_the_grace_lasts()
    {
        Local.Enter(Life);
        Source.Value = "old";
        await ReadAsync();
        Return();

        Local.Time.Advance(Local.Grace - 2 * Tick);
        Local.Renew();
        Assert.Equal("old", await Cache.GetAsync(Key, (_, _) => throw new InvalidOperationException(), Cancellation));
        Local.Time.Advance(Tick);
        Source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_a_new_lease_what_was_loaded_under_an_earlier_one_is_not_used(bool inGrace)
    {
        Local.Renew();
        Source.Value = "old, may be from a copy";
        await ReadAsync();
        Local.Time.Advance(Local.Validity);
        if (inGrace)
        {
            Local.Enter(Life);
        }

        Return();

        Assert.False(Cache.TryGet(Key, out _));
        Source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task A_load_that_a_new_lease_overtook_is_not_kept()
    {
        Local.Enter(Life);
        Source.Hold();
        var early = Cache.GetAsync(Key, Source.Load, Cancellation).AsTask();
        Return();
        Source.Release("old");

        Assert.Equal("old", await early);
        Assert.False(Cache.TryGet(Key, out _));
        Source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task What_everybody_must_forget_is_forgotten_though_the_grace_is_on()
    {
        Local.Enter(Life);
        Source.Value = "old";
        await ReadAsync();
        Return();

        Local.Apply(Invalidation.Everything);

        Source.Value = "new";
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task Cut_off_again_before_the_grace_has_ended_what_is_in_use_is_loaded_ahead_of_the_end_of_the_lease()
    {
        Local.Enter(Life);
        Return();
        Source.Value = "leased";
        await ReadAsync();
        Assert.True(Cache.TryGet(Key, out _));

        Local.Caches.View.Grace.IsEnding = false;
        Local.Time.Advance(Local.Due);
        Assert.False(Cache.TryGet(Key, out _), "Nobody would load it again.");
        Assert.Equal("leased", await ReadAsync());
        Assert.Equal(2, Source.Loads);
    }

    /// <summary>A renewal succeeds after the lease was lost.</summary>
    private void Return()
    {
        Local.Time.Advance(Tick);
        Local.Renew();
        Local.Caches.View.Grace.IsEnding = true;
    }
}
