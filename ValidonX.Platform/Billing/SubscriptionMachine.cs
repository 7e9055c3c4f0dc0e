using System.Collections.Frozen;
using System.Collections.Immutable;

namespace ValidonX.Platform.Billing;

/// <summary>What can happen to a subscription in which state, and what it then is. What is not in the table cannot happen.</summary>
public static class SubscriptionMachine
{
    /// <summary>The whole machine.</summary>
    public static ImmutableArray<(SubscriptionStatus From, SubscriptionEvent What, SubscriptionStatus To)> Transitions { get; } =
    [
        (SubscriptionStatus.Trialing, SubscriptionEvent.TrialEnded, SubscriptionStatus.Active),
        (SubscriptionStatus.Trialing, SubscriptionEvent.Canceled, SubscriptionStatus.Canceled),

        (SubscriptionStatus.Active, SubscriptionEvent.PeriodEnded, SubscriptionStatus.Active),
        (SubscriptionStatus.Active, SubscriptionEvent.PaymentFailed, SubscriptionStatus.PastDue),
        (SubscriptionStatus.Active, SubscriptionEvent.Canceled, SubscriptionStatus.Canceled),
        (SubscriptionStatus.Active, SubscriptionEvent.Paused, SubscriptionStatus.Paused),

        (SubscriptionStatus.PastDue, SubscriptionEvent.PeriodEnded, SubscriptionStatus.PastDue),
        (SubscriptionStatus.PastDue, SubscriptionEvent.PaymentFailed, SubscriptionStatus.PastDue),
        (SubscriptionStatus.PastDue, SubscriptionEvent.PaymentRecovered, SubscriptionStatus.Active),
        (SubscriptionStatus.PastDue, SubscriptionEvent.GraceEnded, SubscriptionStatus.Canceled),
        (SubscriptionStatus.PastDue, SubscriptionEvent.Canceled, SubscriptionStatus.Canceled),

        (SubscriptionStatus.Paused, SubscriptionEvent.Unpaused, SubscriptionStatus.Active),
        (SubscriptionStatus.Paused, SubscriptionEvent.Canceled, SubscriptionStatus.Canceled),

        (SubscriptionStatus.Canceled, SubscriptionEvent.Restarted, SubscriptionStatus.Active),
    ];

    private static readonly FrozenDictionary<(SubscriptionStatus, SubscriptionEvent), SubscriptionStatus> ByCause =
        Transitions.ToFrozenDictionary(one => (one.From, one.What), one => one.To);

    /// <summary>What it is after this, or <see langword="null"/> when this cannot happen to it.</summary>
    public static SubscriptionStatus? Next(SubscriptionStatus from, SubscriptionEvent what) => ByCause.TryGetValue((from, what), out var to) ? to : null;
}
