using ValidonX.LicensingApi.Entitlements;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>A row of <c>license_keys</c>.</summary>
internal record LicenseRecord : LicenseTerms
{
    /// <summary>The columns that Dapper maps onto this record; <c>l</c> is <c>license_keys</c>, <c>@now</c> the moment.</summary>
    public new const string Columns =
        """
        l.id, l.license_key, l.type AS type_word, l.status AS status_word, l.billing_status AS billing_word, l.billing_since, l.expires_at, l.grace_days, l.product_id,
          l.policy AS own_policy_text, (SELECT p.policy FROM products p WHERE p.id = l.product_id) AS product_policy_text,
          l.customer_name, l.customer_email, l.metadata, l.last_used_at, l.created_at,
          (SELECT COUNT(*) FROM activations a WHERE a.license_id = l.id AND a.active_marker = 1 AND (a.lease_expires_at IS NULL OR a.lease_expires_at > @now)) AS activations_count
        """;

    public Guid Id { get; init; }

    public string LicenseKey { get; init; } = "";

    public Guid? ProductId { get; init; }

    public string? CustomerName { get; init; }

    public string? CustomerEmail { get; init; }

    /// <summary>A JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Seats taken.</summary>
    public long ActivationsCount { get; init; }

    /// <summary>As its vendor sees it.</summary>
    public LicenseDetails Show(IEnumerable<Entitlement> entitlements, DateTimeOffset now) =>
        new(
            Id,
            LicenseKey,
            Type.Word(),
            ShownLicenseStatus.Of(StateAt(now)),
            ProductId,
            ExpiresAt,
            new RawJson(Entitlement.ToFlatObject(entitlements)),
            GraceDays,
            Policy,
            OwnPolicy,
            CustomerName is null && CustomerEmail is null ? null : new LicenseCustomer(CustomerName, CustomerEmail),
            new RawJson(Metadata),
            ActivationsCount,
            LastUsedAt,
            CreatedAt);
}
