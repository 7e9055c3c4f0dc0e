using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;
using ValidonX.Platform.Licenses;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>What a vendor asks for (CONTRACT §6.1).</summary>
internal record NewLicense : IRequest
{
    private const int MaximumGraceDays = 3_650;

    /// <summary>A key of the vendor's own; without one it is generated.</summary>
    [LicenseKey]
    [Example("ACME-2026-000042")]
    public string? Key { get; init; }

    /// <summary>What kind of license it is to be.</summary>
    public LicenseType Type { get; init; } = LicenseType.Perpetual;

    /// <summary>The product that it is for.</summary>
    public Guid? ProductId { get; init; }

    /// <summary>When it expires, if ever; without it as its policy says.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Days after the expiry in which it is still valid; by default as its product's policy, else as the tenant's settings say. The same as `policy.grace_days`.</summary>
    [Whole(0, MaximumGraceDays)]
    [Example("14")]
    public int? GraceDays { get; init; }

    /// <summary>The members of its product's policy that are otherwise for this license; what is null is inherited.</summary>
    public Policy Policy { get; init; } = Policy.None;

    /// <summary>What it allows, by code.</summary>
    [Entitlements]
    [Example("""{"export.pdf": true, "seats": 5, "api.calls": {"limit": 10000, "hard": true}}""")]
    public EntitlementList Entitlements { get; init; } = EntitlementList.Empty;

    /// <summary>Who holds it.</summary>
    public NewCustomer? Customer { get; init; }

    /// <summary>Whatever the vendor wants to keep with it.</summary>
    [Opaque(ActivationRequest.MaximumMetadataBytes)]
    [Example("""{"order": "A-1001"}""")]
    public RawJson Metadata { get; init; } = RawJson.EmptyObject;

    /// <summary>The rules that it is to have of its own, wherever they were given.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public Policy OwnPolicy => Policy with { GraceDays = Policy.GraceDays ?? GraceDays };
}

/// <summary>Who holds a license.</summary>
internal sealed record NewCustomer
{
    /// <summary>The customer's name.</summary>
    [Text(120)]
    [Example("Jane Doe")]
    public string? Name { get; init; }

    /// <summary>The customer's e-mail address, as it is written.</summary>
    [Contact]
    [Example("jane@example.com")]
    public string? Email { get; init; }
}

/// <summary>Another holder.</summary>
internal sealed record LicenseTransfer : IRequest
{
    /// <summary>Who holds it from now on.</summary>
    public required NewCustomer Customer { get; init; }

    /// <summary>Whether the seats that are taken are freed: the machines are the holder's before.</summary>
    public bool FreeSeats { get; init; } = true;
}

/// <summary>Another expiry.</summary>
internal sealed record LicenseRenewal : IRequest, IChecked
{
    /// <summary>When it is to expire; in the future.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (!at.Has("expires_at") && ExpiresAt <= at.Now)
        {
            at.Of("expires_at").Fail("Must lie in the future.");
        }
    }
}

/// <summary>Which licenses a list shows.</summary>
internal sealed record LicenseFilter : ListQuery
{
    /// <summary>Only those in this state.</summary>
    [Words(ShownLicenseStatus.Active, ShownLicenseStatus.Suspended, ShownLicenseStatus.Expired, ShownLicenseStatus.Revoked)]
    public string? Status { get; init; }

    /// <summary>Only those of this product.</summary>
    public Guid? ProductId { get; init; }

    /// <summary>Only those with this text in their key, or the customer's name or e-mail address.</summary>
    [Text(128)]
    [Example("jane")]
    public string? Search { get; init; }

    /// <summary>The licenses that are meant.</summary>
    public LicenseSelection Selection => new() { Status = Status, ProductId = ProductId, Search = Search };
}
