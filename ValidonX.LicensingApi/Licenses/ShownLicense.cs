using System.Text.Json.Serialization;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>A licence as customer apps see it (CONTRACT §3).</summary>
internal sealed record ShownLicense
{
    public required Guid Id { get; init; }

    public required string Key { get; init; }

    public required string Type { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Only within the grace period.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? GracePeriodEndsAt { get; init; }

    public required RawJson Entitlements { get; init; }
}

/// <summary>The answer to "is this licence valid?".</summary>
internal sealed record LicenseValidity(bool Valid, ShownLicense License);
