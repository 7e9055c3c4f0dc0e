using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>What decides about a license besides its entitlements. Judged with the clock at the moment of the answer, never cached.</summary>
internal record LicenseTerms
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "type AS type_word, status AS status_word, billing_status AS billing_word, billing_since, expires_at, grace_days";

    /// <summary>What kind of license it is.</summary>
    public LicenseType Type { get; init; }

    /// <summary>What its vendor has decided.</summary>
    public LicenseStatus Status { get; init; }

    /// <summary>How a subscription's payment stands; none follows the status.</summary>
    public LicenseBilling? Billing { get; init; }

    /// <summary><see cref="Type"/> as stored.</summary>
    public string TypeWord { init => Type = StoredEnum.Parse<LicenseType>(value); }

    /// <summary><see cref="Status"/> as stored.</summary>
    public string StatusWord { init => Status = StoredEnum.Parse<LicenseStatus>(value); }

    /// <summary><see cref="Billing"/> as stored.</summary>
    public string? BillingWord { init => Billing = value is null ? null : StoredEnum.Parse<LicenseBilling>(value); }

    /// <summary>Since when it stands so (UTC).</summary>
    public DateTimeOffset? BillingSince { get; init; }

    /// <summary>When it expires (UTC), if ever.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Days after the expiry in which it is still in force.</summary>
    public int GraceDays { get; init; }

    /// <summary>When it stops being in force: the expiry, grace included.</summary>
    public DateTimeOffset? EndsAt => ExpiresAt is { } expiry ? Later(expiry, TimeSpan.FromDays(GraceDays)) : null;

    /// <summary>What the license is worth at a moment.</summary>
    public LicenseState StateAt(DateTimeOffset now) =>
        Status switch
        {
            LicenseStatus.Active when ExpiresAt is not { } expiry || now < expiry => LicenseState.Active,
            LicenseStatus.Active when now < EndsAt => LicenseState.Grace,
            LicenseStatus.Active => LicenseState.Expired,
            LicenseStatus.Suspended => LicenseState.Suspended,
            // Revoked; and so is whatever comes to be stored beside these without a rule of its own here.
            _ => LicenseState.Revoked,
        };

    /// <summary>A time further on, at most the end of time.</summary>
    public static DateTimeOffset Later(DateTimeOffset time, TimeSpan span) =>
        time > DateTimeOffset.MaxValue - span ? DateTimeOffset.MaxValue : time + span;
}
