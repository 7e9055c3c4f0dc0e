using ValidonX.Platform.Audit;

namespace ValidonX.Platform.Outbox;

/// <summary>Something that has happened in a tenant's database; a row of its <c>outbox</c>, for the audit log and whoever else wants to hear of it.</summary>
public sealed record OutboxEvent
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "position, id, type, occurred_at, actor_type, actor_id, subject_type, subject_id, request_id, data";

    /// <summary>Its place in the outbox: of two events of which one could know of the other, the later one has the greater.</summary>
    public ulong Position { get; init; }

    /// <summary>Names the event wherever it goes, so that it can arrive twice and count once.</summary>
    public Guid Id { get; init; }

    /// <summary>What happened: <c>license.revoked</c>, <c>activation.created</c>, …</summary>
    public string Type { get; init; } = "";

    /// <summary>When.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    public string ActorType { get; init; } = "";

    public string? ActorId { get; init; }

    public string? SubjectType { get; init; }

    public string? SubjectId { get; init; }

    public string? RequestId { get; init; }

    /// <summary>More, as a JSON object; never a secret.</summary>
    public string Data { get; init; } = "{}";

    /// <summary>As the audit log keeps it.</summary>
    public AuditEvent ToAudit(Guid tenantId) =>
        new(Type, tenantId)
        {
            Id = Id,
            At = OccurredAt,
            ActorType = ActorType,
            ActorId = ActorId,
            SubjectType = SubjectType,
            SubjectId = SubjectId,
            RequestId = RequestId,
            Details = Data,
        };
}
