using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>What decides about a license besides its entitlements. Judged with the clock at the moment of the answer, never cached.</summary>
internal record LicenseTerms
{
    /// <summary>The columns of <c>license_keys</c> that Dapper maps onto this record.</summary>
    public const string Columns =
        """
        type AS type_word, status AS status_word, billing_status AS billing_word, billing_since, expires_at, grace_days, policy AS own_policy_text,
          (SELECT p.policy FROM products p WHERE p.id = product_id) AS product_policy_text
        """;

    private readonly int _graceDays;
    private Policy? _policy;

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

    /// <summary>Days after the expiry in which it is still in force: by its policy, else those that it was made with.</summary>
    public int GraceDays
    {
        get => Policy.GraceDays ?? _graceDays;
        init => _graceDays = value;
    }

    /// <summary>What it says itself of the rules that hold for it.</summary>
    public Policy OwnPolicy { get; init; } = Policy.None;

    /// <summary>What its product says of them.</summary>
    public Policy ProductPolicy { get; init; } = Policy.None;

    /// <summary><see cref="OwnPolicy"/> as stored.</summary>
    public string? OwnPolicyText { init => OwnPolicy = Policy.Parse(value); }

    /// <summary><see cref="ProductPolicy"/> as stored.</summary>
    public string? ProductPolicyText { init => ProductPolicy = Policy.Parse(value); }

    /// <summary>The rules that hold for it.</summary>
    public Policy Policy => _policy ??= OwnPolicy.Over(ProductPolicy).Over(Policy.Defaults);

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
