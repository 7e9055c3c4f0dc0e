namespace ValidonX.LicensingApi.Licenses;

/// <summary>What decides about a licence besides its entitlements. Judged with the clock at the moment of the answer, never cached.</summary>
internal record LicenseTerms
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "type, status, billing_status, billing_since, expires_at, grace_days";

    /// <summary>One of <see cref="LicenseType"/>.</summary>
    public string Type { get; init; } = "";

    /// <summary>The stored one of <see cref="LicenseStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>How a subscription's payment stands: active, trialing, past_due, paused or canceled; none follows the status.</summary>
    public string? BillingStatus { get; init; }

    /// <summary>Since when it stands so (UTC).</summary>
    public DateTimeOffset? BillingSince { get; init; }

    /// <summary>When it expires (UTC), if ever.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Days after the expiry in which it is still in force.</summary>
    public int GraceDays { get; init; }

    /// <summary>When it stops being in force: the expiry, grace included.</summary>
    public DateTimeOffset? EndsAt => ExpiresAt is { } expiry ? Later(expiry, TimeSpan.FromDays(GraceDays)) : null;

    /// <summary>What the licence is worth at a moment.</summary>
    public LicenseState StateAt(DateTimeOffset now) =>
        Status switch
        {
            LicenseStatus.Revoked => LicenseState.Revoked,
            LicenseStatus.Suspended => LicenseState.Suspended,
            _ when ExpiresAt is not { } expiry || now < expiry => LicenseState.Active,
            _ when now < EndsAt => LicenseState.Grace,
            _ => LicenseState.Expired,
        };

    /// <summary>A time further on, at most the end of time.</summary>
    public static DateTimeOffset Later(DateTimeOffset time, TimeSpan span) =>
        time > DateTimeOffset.MaxValue - span ? DateTimeOffset.MaxValue : time + span;
}
