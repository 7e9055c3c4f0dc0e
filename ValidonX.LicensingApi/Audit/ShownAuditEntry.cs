using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Audit;

/// <summary>One thing that happened.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Action">What happened.</param>
/// <param name="Actor">Who caused it.</param>
/// <param name="Target">What it happened to.</param>
/// <param name="RequestId">The request that caused it, as in <c>X-Request-ID</c>.</param>
/// <param name="Before">What of the target was otherwise before; null when it was not there, or nothing of it changed.</param>
/// <param name="After">What of the target is otherwise since; null when it is not there any more, or nothing of it changed.</param>
/// <param name="Address">Where the request came from.</param>
/// <param name="At">When it happened.</param>
/// <param name="Position">Its place in the chain, from 1 on; null for about a second, until it has one.</param>
/// <param name="PreviousHash">The hash of the entry before it, 64 hexadecimal digits.</param>
/// <param name="Hash">Its own, over the one before it and all that it says.</param>
/// <param name="DataHash">The SHA-256 of what it says in detail, which is part of what <c>hash</c> is over.</param>
internal sealed record ShownAuditEntry(
    Guid Id,
    [property: Example("license.revoked")] string Action,
    ShownActor Actor,
    ShownTarget? Target,
    string? RequestId,
    [property: Shape(JsonSchemaType.Object | JsonSchemaType.Null)] RawJson? Before,
    [property: Shape(JsonSchemaType.Object | JsonSchemaType.Null)] RawJson? After,
    string? Address,
    DateTimeOffset At,
    long? Position,
    string? PreviousHash,
    string? Hash,
    string DataHash)
{
    /// <summary>Whose it is; only operators see it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? TenantId { get; init; }

    /// <summary>All that it says in detail, as it is stored; only operators see it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Shape(JsonSchemaType.Object)]
    public RawJson? Data { get; init; }

    /// <summary>Shows a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="actorName">What its actor is called now, if it is still there.</param>
    /// <param name="forOperator">Whether an operator looks, who sees where other operators came from, too.</param>
    public static ShownAuditEntry Of(AuditEntry row, string? actorName, bool forOperator)
    {
        using var data = JsonDocument.Parse(row.Details);
        var root = data.RootElement;
        var isAddressShown = forOperator || row.ActorType is "user" or "api_key";
        return new(
            row.Id,
            row.Action,
            new ShownActor(row.ActorType, row.ActorId, actorName),
            row.SubjectId is null && row.SubjectType is null ? null : new ShownTarget(row.SubjectType, row.SubjectId),
            row.RequestId,
            Member(root, "before"),
            Member(root, "after"),
            isAddressShown && root.TryGetProperty("address", out var address) && address.ValueKind == JsonValueKind.String ? address.GetString() : null,
            row.CreatedAt,
            row.Position,
            row.PreviousHash is null ? null : Convert.ToHexStringLower(row.PreviousHash),
            row.Hash is null ? null : Convert.ToHexStringLower(row.Hash),
            AuditHash.DataHash(row))
        {
            TenantId = forOperator ? row.TenantId : null,
            Data = forOperator ? new RawJson(row.Details) : null,
        };
    }

    private static RawJson? Member(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? new RawJson(value.GetRawText()) : null;
}

/// <summary>Who caused something.</summary>
/// <param name="Kind">What kind of caller.</param>
/// <param name="Id">Which one; of a customer the license; null for the platform itself.</param>
/// <param name="Name">What it is called now; null when it is not there any more.</param>
internal sealed record ShownActor([property: Words("user", "api_key", "operator", "customer", "system")] string Kind, string? Id, string? Name);

/// <summary>What something happened to.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Id">Which one.</param>
internal sealed record ShownTarget([property: Example("license")] string? Kind, string? Id);

/// <summary>What a look at a whole chain came to.</summary>
/// <param name="Valid">Whether every entry is as it was written, and none is missing.</param>
/// <param name="Checked">Entries that were looked at and are as they were written.</param>
/// <param name="Pending">Entries that are too new to have a place in the chain yet.</param>
/// <param name="FirstBroken">The first entry that is not as it was written, or the first behind those that are missing; null when there is none.</param>
/// <param name="FirstBrokenPosition">The place where the chain is broken.</param>
/// <param name="Reason">What is wrong there.</param>
/// <param name="Head">How far the chain goes: to be kept elsewhere by who wants to be sure that it is never cut off behind it.</param>
internal sealed record ShownVerdict(
    bool Valid,
    long Checked,
    long Pending,
    Guid? FirstBroken,
    long? FirstBrokenPosition,
    [property: Words(AuditBreak.Missing, AuditBreak.Inserted, AuditBreak.Reordered, AuditBreak.Changed, AuditBreak.End)] string? Reason,
    ShownHead? Head)
{
    /// <summary>The tenant whose chain is broken; only when an operator has checked several.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? TenantId { get; init; }

    /// <summary>How many chains were looked at; only when an operator has checked several.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Chains { get; init; }

    /// <summary>Shows a verdict.</summary>
    public static ShownVerdict Of(AuditVerdict verdict) =>
        new(
            verdict.Break is null,
            verdict.Checked,
            verdict.Pending,
            verdict.Break?.EntryId,
            verdict.Break?.Position,
            verdict.Break?.Reason,
            verdict.Head is { Position: > 0 } head ? new ShownHead(head.Position, Convert.ToHexStringLower(head.Hash)) : null);
}

/// <summary>The newest entry of a chain.</summary>
/// <param name="Position">Its place.</param>
/// <param name="Hash">Its hash.</param>
internal sealed record ShownHead(long Position, string Hash);
