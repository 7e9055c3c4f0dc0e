using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>A row of <c>activations</c>.</summary>
internal sealed record ActivationRow
{
    /// <summary>The columns that Dapper maps onto this record; <c>a</c> is <c>activations</c>.</summary>
    public const string Columns =
        "a.id, a.license_id, a.instance_id, a.device_fingerprint, a.status, a.metadata, a.activated_at, a.revoked_at, a.created_at";

    public Guid Id { get; init; }

    public Guid LicenseId { get; init; }

    public string InstanceId { get; init; } = "";

    public string? DeviceFingerprint { get; init; }

    /// <summary>One of <see cref="ActivationStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>A JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    public DateTimeOffset ActivatedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>As everybody sees it.</summary>
    public ShownActivation Show() =>
        new(Id, LicenseId, InstanceId, DeviceFingerprint, Status, ActivatedAt, CreatedAt, new RawJson(Metadata));
}

/// <summary>An activation as everybody sees it (CONTRACT §3).</summary>
internal sealed record ShownActivation(
    Guid Id,
    Guid LicenseKeyId,
    string InstanceId,
    string? DeviceFingerprint,
    string Status,
    DateTimeOffset ActivatedAt,
    DateTimeOffset CreatedAt,
    RawJson Metadata);

/// <summary>The answer that holds one activation.</summary>
internal sealed record ActivationAnswer(ShownActivation Activation);
