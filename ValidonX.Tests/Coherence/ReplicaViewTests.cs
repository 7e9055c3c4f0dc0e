using ValidonX.Coherence;

namespace ValidonX.Tests.Coherence;

/// <summary>When a process may trust its caches.</summary>
public sealed class ReplicaViewTests
{
    private readonly ManualTime _time = new();
    private readonly CoherenceOptions _options = new();
    private readonly ReplicaView _view;
    private int _drops;

    public ReplicaViewTests() => _view = new(_time, _options, () => _drops++);

    private TimeSpan Validity => _options.Lease - _options.Margin;

    [Fact]
    public void There_is_no_lease_before_the_first_renewal()
    {
        Assert.False(_view.IsValid);
    }

    [Fact]
    public void The_lease_counts_from_the_sending_of_the_renewal_not_from_its_answer()
    {
        var sentAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(900));
        _view.Renewed(sentAt, "a", 7);

        Assert.True(_view.IsValid);
        _time.Advance(Validity - TimeSpan.FromMilliseconds(901));
        Assert.True(_view.IsValid);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(_view.IsValid);
    }

    [Fact]
    public void An_answer_that_comes_too_late_gives_no_lease()
    {
        var sentAt = _time.GetTimestamp();
        _time.Advance(Validity);

        _view.Renewed(sentAt, "a", 0);

        Assert.False(_view.IsValid);
    }

    [Fact]
    public void The_caches_are_emptied_before_a_lost_lease_is_regained()
    {
        Renew("a", 0);
        _time.Advance(Validity);
        _drops = 0;

        Renew("a", 0);

        Assert.Equal(1, _drops);
        Assert.True(_view.IsValid);
    }

    [Fact]
    public void An_unbroken_lease_leaves_the_caches_alone()
    {
        Renew("a", 0);
        _drops = 0;
        for (var i = 1; i <= 10; i++)
        {
            Assert.True(_view.Applied("a", i));
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(Renew("a", i));
        }

        Assert.Equal(0, _drops);
    }

    [Fact]
    public void A_renewal_that_tells_of_a_change_not_seen_yet_prolongs_nothing_until_it_is_seen()
    {
        Renew("a", 1);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(Renew("a", 3));
        Assert.False(_view.Reached.IsCompleted);
        Assert.True(_view.Applied("a", 2));
        _time.Advance(Validity - TimeSpan.FromSeconds(1));
        Assert.False(_view.IsValid);

        // The renewal was sent a moment less than its validity ago, so what is left of it begins now.
        _drops = 0;
        Assert.True(_view.Applied("a", 3));
        Assert.True(_view.Reached.IsCompleted);
        Assert.True(_view.IsValid);
        Assert.Equal(1, _drops);
    }

    [Fact]
    public void Changes_may_arrive_in_any_order_but_only_an_unbroken_sequence_counts()
    {
        Renew("a", 10);

        Assert.False(_view.Applied("a", 13));
        Assert.False(_view.Applied("a", 12));
        Assert.Equal(("a", 10), _view.Position);
        Assert.True(_view.HasGap);
        Assert.True(_view.Applied("a", 11));
        Assert.Equal(("a", 13), _view.Position);
        Assert.False(_view.HasGap);
    }

    [Fact]
    public void A_lost_change_is_made_up_for_by_dropping_everything()
    {
        Renew("a", 10);
        _view.Applied("a", 12);
        Assert.False(Renew("a", 12));
        _drops = 0;

        Assert.True(_view.CatchUp());

        Assert.Equal(1, _drops);
        Assert.Equal(("a", 12), _view.Position);
        Assert.False(_view.HasGap);
        Assert.False(_view.CatchUp());
    }

    [Fact]
    public void Changes_heard_before_the_first_renewal_count_from_there_on()
    {
        _view.Applied("a", 5);
        _view.Applied("a", 6);

        Renew("a", 5);

        Assert.Equal(("a", 6), _view.Position);
    }

    [Fact]
    public void Another_epoch_is_another_sequence_and_empties_the_caches()
    {
        Renew("a", 100);
        _drops = 0;
        Assert.False(_view.Applied("b", 1));
        Assert.Equal(("a", 100), _view.Position);

        Renew("b", 1);

        Assert.Equal(("b", 1), _view.Position);
        Assert.Equal(1, _drops);
        Assert.False(_view.Includes("a", 100));
    }

    private bool Renew(string epoch, long sequence) => _view.Renewed(_time.GetTimestamp(), epoch, sequence);
}
