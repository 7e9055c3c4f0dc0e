using System.Data.Common;
using Dapper;

namespace ValidonX.Platform.Audit;

/// <summary>Writes audit events in the transaction of what they tell about, so that neither exists without the other.</summary>
public sealed class AuditLog(TimeProvider time)
{
    private const string Insert =
        """
        INSERT INTO audit_logs (id, tenant_id, actor_type, actor_id, action, subject_type, subject_id, request_id, details, dedupe_key, created_at)
        VALUES (@id, @TenantId, @ActorType, @ActorId, @Action, @SubjectType, @SubjectId, @RequestId, @Details, @DedupeKey, @now)
        """;

    // MariaDB asks whoever writes like this for the right to update every column that is named, which nobody has on what is recorded.
    private const string InsertOnce = $"{Insert} ON DUPLICATE KEY UPDATE id = id";

    /// <summary>Writes one event. With a dedupe key that is there already it does nothing.</summary>
    public Task WriteAsync(DbTransaction transaction, AuditEvent audit, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            audit.DedupeKey is null ? Insert : InsertOnce,
            new
            {
                id = Guid.CreateVersion7(),
                audit.TenantId,
                audit.ActorType,
                audit.ActorId,
                audit.Action,
                audit.SubjectType,
                audit.SubjectId,
                audit.RequestId,
                audit.Details,
                audit.DedupeKey,
                now = time.GetUtcNow(),
            },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>The statement that writes one event, for whoever sends several at once; every value is an argument.</summary>
    public FormattableString Statement(AuditEvent audit) =>
        $"""
        INSERT INTO audit_logs (id, tenant_id, actor_type, actor_id, action, subject_type, subject_id, request_id, details, dedupe_key, created_at)
        VALUES ({Guid.CreateVersion7()}, {audit.TenantId}, {audit.ActorType}, {audit.ActorId}, {audit.Action}, {audit.SubjectType},
          {audit.SubjectId}, {audit.RequestId}, {audit.Details}, {audit.DedupeKey}, {time.GetUtcNow()})
        ON DUPLICATE KEY UPDATE id = id
        """;
}
