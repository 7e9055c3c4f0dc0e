namespace ValidonX.Platform.Audit;

/// <summary>Something that happened and that someone may have to account for; a row of <c>audit_logs</c>.</summary>
/// <param name="Action">What happened: <c>tenant.suspended</c>, <c>provisioning.stage_succeeded</c>, <c>TenantProvisioned</c>, …</param>
/// <param name="TenantId">Whose it is, if one tenant's.</param>
public sealed record AuditEvent(string Action, Guid? TenantId)
{
    /// <summary>Names the event wherever it goes; <see langword="null"/> gives it a new id. Written twice under one id it is there once.</summary>
    public Guid? Id { get; init; }

    /// <summary>When it happened; <see langword="null"/> is when it is written.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary><c>operator</c>, <c>user</c>, <c>api_key</c>, <c>customer</c> or <c>system</c>.</summary>
    public string ActorType { get; init; } = "system";

    /// <summary>The operator's, user's or key's id; of a customer the license's, which is all that is known of one.</summary>
    public string? ActorId { get; init; }

    /// <summary>What kind of thing it happened to.</summary>
    public string? SubjectType { get; init; }

    /// <summary>Which one.</summary>
    public string? SubjectId { get; init; }

    /// <summary>The request that caused it.</summary>
    public string? RequestId { get; init; }

    /// <summary>More, as a JSON object without spaces around it; never a secret.</summary>
    public string Details { get; init; } = "{}";

    /// <summary>What of the thing was otherwise before, as a JSON object; <see langword="null"/> when it was not there. Never a secret.</summary>
    public string? Before { get; init; }

    /// <summary>What of it is otherwise since, as a JSON object; <see langword="null"/> when it is not there any more. Never a secret.</summary>
    public string? After { get; init; }

    /// <summary>All of what is told in detail, as it is stored: one JSON object.</summary>
    public string Data => (Before, After) is (null, null)
        ? Details
        : $"{{\"before\":{Before ?? "null"},\"after\":{After ?? "null"}{(Details.Length > 2 ? $",{Details[1..]}" : "}")}";

    /// <summary>Makes the event happen once however often it is written (≤ 120 ASCII characters).</summary>
    public string? DedupeKey { get; init; }

    /// <summary>The same, about this thing.</summary>
    public AuditEvent About(string subjectType, Guid subjectId) => this with { SubjectType = subjectType, SubjectId = subjectId.ToString() };
}
