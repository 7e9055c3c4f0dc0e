using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Billing;

/// <summary>A tenant's subscription.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Plan">The plan that is subscribed to.</param>
/// <param name="EffectivePlan">The plan that the tenant has: the same, or the free one when the subscription is over.</param>
/// <param name="PlanInForce">Whether what the effective plan allows is in force everywhere.</param>
/// <param name="Status">How it stands.</param>
/// <param name="CurrentPeriodStart">When the current period began; of a trial, the trial.</param>
/// <param name="CurrentPeriodEnd">When it ends.</param>
/// <param name="BillingPeriod">How long periods are.</param>
/// <param name="PriceCents">What the current period costs before taxes; null is agreed upon elsewhere.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="CreditCents">What the next invoices are less by.</param>
/// <param name="NextPlan">The plan from the next period on, if another.</param>
/// <param name="CancelAt">When it ends by itself.</param>
/// <param name="PastDueSince">Since when a payment is overdue.</param>
/// <param name="GraceEndsAt">Until when the plan stays all the same.</param>
/// <param name="PausedAt">Since when an operator has put it on hold.</param>
/// <param name="CanceledAt">When it ended.</param>
internal sealed record ShownSubscription(
    Guid Id,
    string Plan,
    string EffectivePlan,
    bool PlanInForce,
    [property: Words("trialing", "active", "past_due", "paused", "canceled")] string Status,
    DateTimeOffset CurrentPeriodStart,
    DateTimeOffset CurrentPeriodEnd,
    [property: Words("month", "year")] string BillingPeriod,
    long? PriceCents,
    string Currency,
    long CreditCents,
    string? NextPlan,
    DateTimeOffset? CancelAt,
    DateTimeOffset? PastDueSince,
    DateTimeOffset? GraceEndsAt,
    DateTimeOffset? PausedAt,
    DateTimeOffset? CanceledAt);

/// <summary>The answer that holds a subscription.</summary>
internal sealed record SubscriptionAnswer(ShownSubscription Subscription);
