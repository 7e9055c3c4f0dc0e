using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>A row of <c>activations</c>.</summary>
internal sealed record ActivationRow
{
    /// <summary>The columns that Dapper maps onto this record; <c>a</c> is <c>activations</c>.</summary>
    public const string Columns =
        """
        a.id, a.license_id, a.instance_id, a.device_fingerprint, a.status, a.metadata, a.activated_at, a.revoked_at, a.created_at,
          a.lease_expires_at, a.fingerprints AS fingerprints_text, a.workload AS workload_text
        """;

    public Guid Id { get; init; }

    public Guid LicenseId { get; init; }

    public string InstanceId { get; init; } = "";

    public string? DeviceFingerprint { get; init; }

    /// <summary>One of <see cref="ActivationStatus"/>; of one whose lease has ended still the one before, until somebody writes it down.</summary>
    public string Status { get; init; } = "";

    /// <summary>A JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    public DateTimeOffset ActivatedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when it holds its seat, if that is leased.</summary>
    public DateTimeOffset? LeaseExpiresAt { get; init; }

    /// <summary>The components that its machine is known by.</summary>
    public Fingerprints Fingerprints { get; init; } = Fingerprints.None;

    /// <summary><see cref="Fingerprints"/> as stored.</summary>
    public string? FingerprintsText { init => Fingerprints = Fingerprints.Parse(value); }

    /// <summary>The pod or container that it is, if it is one.</summary>
    public Workload? Workload { get; init; }

    /// <summary><see cref="Workload"/> as stored.</summary>
    public string? WorkloadText { init => Workload = Workload.Parse(value); }

    /// <summary>Whether its seat is held by heartbeats.</summary>
    public bool IsLeased => LeaseExpiresAt is not null;

    /// <summary>Its status with the clock's word on its lease.</summary>
    public string StatusAt(DateTimeOffset now) => Status == ActivationStatus.Active && LeaseExpiresAt <= now ? ActivationStatus.Expired : Status;

    /// <summary>As everybody sees it at a moment.</summary>
    public ShownActivation Show(DateTimeOffset now) =>
        new(Id, LicenseId, InstanceId, DeviceFingerprint, StatusAt(now), ActivatedAt, CreatedAt, new RawJson(Metadata))
        {
            LeaseExpiresAt = LeaseExpiresAt,
            Components = Fingerprints.Names,
            Workload = Workload,
        };
}

/// <summary>An activation: a seat of a license, taken by an instance of an app.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LicenseKeyId">The license's id.</param>
/// <param name="InstanceId">What the app calls this installation of itself; for a workload the pod or container.</param>
/// <param name="DeviceFingerprint">What the app knows its device by.</param>
/// <param name="Status">Whether it still holds its seat, or how it lost it.</param>
/// <param name="ActivatedAt">Since when.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Metadata">What the app keeps with it.</param>
internal sealed record ShownActivation(
    Guid Id,
    Guid LicenseKeyId,
    [property: Example("workstation-7")] string InstanceId,
    string? DeviceFingerprint,
    [property: Words(ActivationStatus.Active, ActivationStatus.Revoked, ActivationStatus.Released, ActivationStatus.Expired, ActivationStatus.TakenOver)] string Status,
    DateTimeOffset ActivatedAt,
    DateTimeOffset CreatedAt,
    [property: Shape(JsonSchemaType.Object)]
    [property: Example("""{"os": "linux"}""")] RawJson Metadata)
{
    /// <summary>Until when it holds its seat without another heartbeat; only of a seat that is leased.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LeaseExpiresAt { get; init; }

    /// <summary>The names of the components that its machine is known by; their values are not kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Example("""["cpu", "disk", "mac"]""")]
    public IReadOnlyList<string>? Components { get; init; }

    /// <summary>The pod or container that it is; only of a workload.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Workload? Workload { get; init; }
}

/// <summary>The answer that holds one activation.</summary>
internal sealed record ActivationAnswer(ShownActivation Activation);
