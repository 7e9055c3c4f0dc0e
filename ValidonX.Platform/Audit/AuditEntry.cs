namespace ValidonX.Platform.Audit;

/// <summary>A row of <c>audit_logs</c> as it is stored.</summary>
public sealed record AuditEntry
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns =
        "id, tenant_id, action, actor_type, actor_id, subject_type, subject_id, request_id, details, created_at, position, previous_hash, hash";

    public Guid Id { get; init; }

    /// <summary>Whose it is, if one tenant's.</summary>
    public Guid? TenantId { get; init; }

    public string Action { get; init; } = "";

    public string ActorType { get; init; } = "";

    public string? ActorId { get; init; }

    public string? SubjectType { get; init; }

    public string? SubjectId { get; init; }

    public string? RequestId { get; init; }

    /// <summary>A JSON object, with what the event changed under <c>before</c> and <c>after</c>.</summary>
    public string Details { get; init; } = "{}";

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its place in its chain, from 1 on; <see langword="null"/> for the moment until it is linked.</summary>
    public long? Position { get; init; }

    /// <summary>The hash of the entry before it, all zeros for the first.</summary>
    public byte[]? PreviousHash { get; init; }

    /// <summary>Its own, over the one before it and all of the above.</summary>
    public byte[]? Hash { get; init; }
}
