using ValidonX.Platform.Billing;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.Platform.Billing;

/// <summary>The machine of subscriptions, walked whole: every state, everything that can happen, and what comes of it.</summary>
public sealed class SubscriptionMachineTests
{
    /// <summary>What may happen in each state; all else is refused.</summary>
    private const string Expected =
        """
        trialing trial_ended active
        trialing canceled canceled
        active period_ended active
        active payment_failed past_due
        active canceled canceled
        active paused paused
        past_due period_ended past_due
        past_due payment_failed past_due
        past_due payment_recovered active
        past_due grace_ended canceled
        past_due canceled canceled
        paused unpaused active
        paused canceled canceled
        canceled restarted active
        """;

    [Fact]
    public void Every_state_takes_what_it_may_and_nothing_else()
    {
        var walked =
            from state in Enum.GetValues<SubscriptionStatus>()
            from what in Enum.GetValues<SubscriptionEvent>()
            let next = SubscriptionMachine.Next(state, what)
            where next is not null
            select $"{state.Word()} {what.Word()} {next.Value.Word()}";

        Assert.Equal(Expected.Split('\n').Order(StringComparer.Ordinal), walked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_state_can_be_reached_and_left()
    {
        var reached = new HashSet<SubscriptionStatus> { SubscriptionStatus.Trialing, SubscriptionStatus.Active };
        for (var before = 0; before < reached.Count;)
        {
            before = reached.Count;
            reached.UnionWith(SubscriptionMachine.Transitions.Where(one => reached.Contains(one.From)).Select(one => one.To).ToList());
        }

        Assert.Equal(Enum.GetValues<SubscriptionStatus>(), reached.Order());
        Assert.All(Enum.GetValues<SubscriptionStatus>(), state => Assert.Contains(SubscriptionMachine.Transitions, one => one.From == state && one.To != state));
    }

    [Fact]
    public void What_cannot_happen_is_an_error_and_never_a_silent_change()
    {
        var canceled = new Subscription { Status = "canceled" };

        Assert.Throws<InvalidOperationException>(() => canceled.After(SubscriptionEvent.PeriodEnded));
        Assert.Throws<FormatException>(() => new Subscription { Status = "something" }.State);
    }
}
