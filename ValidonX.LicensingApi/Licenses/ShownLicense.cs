using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>A license as customer apps see it (CONTRACT §3).</summary>
internal sealed record ShownLicense
{
    public required Guid Id { get; init; }

    /// <summary>Its key.</summary>
    [Example("ACME-2026-000042")]
    public required string Key { get; init; }

    /// <summary>What kind of license it is.</summary>
    [Words("perpetual", "subscription", "trial", "floating")]
    public required string Type { get; init; }

    /// <summary>Where it stands now.</summary>
    [Words("active", "suspended", "expired", "revoked")]
    public required string Status { get; init; }

    /// <summary>When it expires, if ever.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Until when it is still valid; there only within the grace period.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? GracePeriodEndsAt { get; init; }

    /// <summary>What it allows, by code.</summary>
    [Shape(JsonSchemaType.Object, Of = JsonSchemaType.Boolean | JsonSchemaType.Number | JsonSchemaType.String)]
    [Example("""{"export.pdf": true, "seats": 5}""")]
    public required RawJson Entitlements { get; init; }
}

/// <summary>The answer to "is this license valid?".</summary>
internal sealed record LicenseValidity(bool Valid, ShownLicense License)
{
    /// <summary>Why it is not valid; there only then.</summary>
    [Words(Reasons.LicenseExpired, Reasons.LicenseSuspended)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>
    /// The verdict as a JWS (ES256, `typ` `vx-lease+jwt`), to be verified without asking; there only when it was asked for and the license is valid.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    // Only described here: LicenseView.Validity puts it into what is rendered already.
    public string? Lease { get; init; }
}
