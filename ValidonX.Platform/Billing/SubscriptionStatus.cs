namespace ValidonX.Platform.Billing;

/// <summary>How a tenant's subscription stands, as stored and as shown.</summary>
public enum SubscriptionStatus
{
    /// <summary>Tried out; nothing is due yet.</summary>
    Trialing,

    /// <summary>Paid, or not yet to be paid.</summary>
    Active,

    /// <summary>An invoice was not paid; the tenant keeps its plan for the days of grace.</summary>
    PastDue,

    /// <summary>On hold by an operator: no period passes and nothing becomes due.</summary>
    Paused,

    /// <summary>Over; the tenant is on the free plan, if there is one.</summary>
    Canceled,
}
