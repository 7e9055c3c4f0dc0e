namespace ValidonX.Platform.Billing;

/// <summary>What can happen to a subscription.</summary>
public enum SubscriptionEvent
{
    /// <summary>The trial is over.</summary>
    TrialEnded,

    /// <summary>The period is over and the next one begins.</summary>
    PeriodEnded,

    /// <summary>A payment has failed, or an invoice was not paid in its time.</summary>
    PaymentFailed,

    /// <summary>Nothing is owed any more that is overdue.</summary>
    PaymentRecovered,

    /// <summary>The days of grace are over.</summary>
    GraceEnded,

    /// <summary>It was canceled, or the end of a canceled one has come.</summary>
    Canceled,

    /// <summary>An operator puts it on hold.</summary>
    Paused,

    /// <summary>An operator takes it up again.</summary>
    Unpaused,

    /// <summary>One that is over begins anew.</summary>
    Restarted,
}
