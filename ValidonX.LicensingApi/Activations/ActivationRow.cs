using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
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

/// <summary>An activation: a seat of a license, taken by an instance of an app.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LicenseKeyId">The license's id.</param>
/// <param name="InstanceId">What the app calls this installation of itself.</param>
/// <param name="DeviceFingerprint">What the app knows its device by.</param>
/// <param name="Status">Whether it still holds its seat.</param>
/// <param name="ActivatedAt">Since when.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Metadata">What the app keeps with it.</param>
internal sealed record ShownActivation(
    Guid Id,
    Guid LicenseKeyId,
    [property: Example("workstation-7")] string InstanceId,
    string? DeviceFingerprint,
    [property: Words(ActivationStatus.Active, ActivationStatus.Revoked)] string Status,
    DateTimeOffset ActivatedAt,
    DateTimeOffset CreatedAt,
    [property: Shape(JsonSchemaType.Object)]
    [property: Example("""{"os": "linux"}""")] RawJson Metadata);

/// <summary>The answer that holds one activation.</summary>
internal sealed record ActivationAnswer(ShownActivation Activation);
