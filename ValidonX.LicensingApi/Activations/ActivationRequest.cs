using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>What an app asks for: one seat of a license for one instance of itself.</summary>
internal sealed record ActivationRequest : IRequest
{
    /// <summary>Most bytes of an activation's or usage event's metadata.</summary>
    public const int MaximumMetadataBytes = 8 * 1024;

    private const int MaximumNameLength = 255;

    /// <summary>The license.</summary>
    [Text(LicenseKeyText.MaximumLength)]
    [Example("ACME-2026-000042")]
    public required string LicenseKey { get; init; }

    /// <summary>The instance: whatever the app calls this installation of itself. <c>fingerprint</c> is another name for it.</summary>
    [Text(MaximumNameLength)]
    [Alias("fingerprint")]
    [Example("workstation-7")]
    public required string InstanceId { get; init; }

    /// <summary>What the app knows its device by.</summary>
    [Text(MaximumNameLength)]
    [Example("5f1c8e0a9b")]
    public string? DeviceFingerprint { get; init; }

    /// <summary>Whatever the app wants to keep with it.</summary>
    [Opaque(MaximumMetadataBytes)]
    [Example("""{"os": "linux"}""")]
    public RawJson Metadata { get; init; } = RawJson.EmptyObject;
}
