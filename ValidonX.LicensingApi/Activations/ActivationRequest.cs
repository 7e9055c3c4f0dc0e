using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>What an app asks for: one seat of a license for one instance of itself.</summary>
internal sealed record ActivationRequest : IRequest, IChecked
{
    /// <summary>Most bytes of an activation's or usage event's metadata.</summary>
    public const int MaximumMetadataBytes = 8 * 1024;

    private const int MaximumNameLength = 255;

    /// <summary>The license.</summary>
    [Text(LicenseKeyText.MaximumLength)]
    [Example("ACME-2026-000042")]
    public required string LicenseKey { get; init; }

    /// <summary>The instance: whatever the app calls this installation of itself. `fingerprint` is another name for it. Needed, unless there is a `workload`, which is the instance then.</summary>
    [Text(MaximumNameLength)]
    [Alias("fingerprint")]
    [Example("workstation-7")]
    public string? InstanceId { get; init; }

    /// <summary>What the app knows its device by. It is kept and shown, and nothing is decided by it.</summary>
    [Text(MaximumNameLength)]
    [Example("5f1c8e0a9b")]
    public string? DeviceFingerprint { get; init; }

    /// <summary>
    /// Components of the machine, by names of the app's own. A machine of which as many are as they were as the license's policy wants (`fingerprint_match`) is the same one and keeps
    /// its seat; another one does not get it by calling itself the same. Only hashes are kept.
    /// </summary>
    [Components]
    [Example("""{"cpu": "BFEBFBFF000906EA", "disk": "S3Z8NB0K", "mac": "3c:22:fb:01:02:03"}""")]
    public IReadOnlyDictionary<string, string>? Fingerprints { get; init; }

    /// <summary>The pod or container that the app runs in.</summary>
    public Workload? Workload { get; init; }

    /// <summary>The id of an activation of the same license whose seat this one takes: of a machine that is lost.</summary>
    public Guid? TakeOver { get; init; }

    /// <summary>Where the app runs, by ISO 3166: `DE`, or `DE-BY`. Needed where the license is only for some regions; taken at its word.</summary>
    [Region]
    [Example("DE")]
    public string? Region { get; init; }

    /// <summary>Whatever the app wants to keep with it.</summary>
    [Opaque(MaximumMetadataBytes)]
    [Example("""{"os": "linux"}""")]
    public RawJson Metadata { get; init; } = RawJson.EmptyObject;

    /// <summary>The instance that takes the seat.</summary>
    public string ToInstanceId() => Workload?.ToInstanceId() ?? InstanceId!;

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (InstanceId is null && Workload is null && !at.Has("instance_id") && !at.Has("fingerprint") && !at.Has("workload"))
        {
            at.Of("instance_id").Fail("Is required.");
        }
    }
}
