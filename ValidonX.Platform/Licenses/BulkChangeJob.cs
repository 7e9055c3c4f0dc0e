using System.Text.Json;
using System.Text.Json.Serialization;

namespace ValidonX.Platform.Licenses;

/// <summary>The job that changes many of a tenant's licenses: kind <c>bulk_licenses</c>. Its payload says which, to what, and who asked for it.</summary>
/// <param name="Action"><c>suspend</c>, <c>reinstate</c>, <c>renew</c> or <c>revoke</c>.</param>
/// <param name="Selection">Which licenses.</param>
/// <param name="ExpiresAt">For <c>renew</c>, when they are to expire.</param>
/// <param name="ActorType">Who asked, as in the audit log.</param>
/// <param name="ActorId">The user's id.</param>
/// <param name="RequestId">The request.</param>
public sealed record BulkChangeJob(string Action, LicenseSelection Selection, DateTimeOffset? ExpiresAt, string ActorType, string? ActorId, string? RequestId)
{
    /// <summary>The job's kind.</summary>
    public const string Kind = "bulk_licenses";

    /// <summary>Tries before it has failed. Each goes on where the one before it stood.</summary>
    public const int MaximumAttempts = 20;

    /// <summary>The words of the actions.</summary>
    public const string Suspend = "suspend";
    public const string Reinstate = "reinstate";
    public const string Renew = "renew";
    public const string Revoke = "revoke";

    /// <summary>As it is stored.</summary>
    public string ToPayload() => JsonSerializer.Serialize(this, BulkChangeJson.Default.BulkChangeJob);

    /// <summary>Reads what was stored.</summary>
    public static BulkChangeJob Of(string payload) => JsonSerializer.Deserialize(payload, BulkChangeJson.Default.BulkChangeJob)!;

    /// <summary>What it is called in the audit log when the action is done to a license: <c>license.suspended</c>, …</summary>
    public string EventType => Action switch
    {
        Suspend => "license.suspended",
        Reinstate => "license.reinstated",
        Renew => "license.renewed",
        _ => "license.revoked",
    };
}

[JsonSerializable(typeof(BulkChangeJob))]
internal sealed partial class BulkChangeJson : JsonSerializerContext;
