namespace ValidonX.LicensingApi.Licenses;

/// <summary>How a subscription's payment stands, as stored.</summary>
internal enum LicenseBilling
{
    /// <summary>Paid.</summary>
    Active,

    /// <summary>Not to be paid yet.</summary>
    Trialing,

    /// <summary>A payment has failed.</summary>
    PastDue,

    /// <summary>On hold.</summary>
    Paused,

    /// <summary>Ends with the period that was paid.</summary>
    Canceled,
}
