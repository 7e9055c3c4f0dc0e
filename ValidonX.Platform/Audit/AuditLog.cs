using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Platform.Audit;

/// <summary>Writes audit events in the transaction of what they tell about, so that neither exists without the other.</summary>
public sealed class AuditLog(TimeProvider time)
{
    /// <summary>Writes one event, and keeps what tenants' webhooks are to tell of it. With an id or a dedupe key that is there already it does nothing.</summary>
    public async Task WriteAsync(DbTransaction transaction, AuditEvent audit, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(transaction, new InterpolatedSql().Add(Insert($"VALUES ({Values(audit, $"{audit.Data}")})")), cancellationToken);
        }
        catch (DbException known) when (ComesTwice(audit) && DatabaseError.IsDuplicateKey(known))
        {
            // Only this statement is undone, the transaction goes on. To let the server pass over it would ask for a right to change what is recorded.
        }

        foreach (var kept in WebhookIntake.Statements(audit, time.GetUtcNow()))
        {
            await ExecuteAsync(transaction, new InterpolatedSql().Add(kept), cancellationToken);
        }
    }

    /// <summary>Writes several in one message, with the administrator's account.</summary>
    public Task WriteAsync(DbTransaction transaction, IEnumerable<AuditEvent> events, CancellationToken cancellationToken)
    {
        var sql = new InterpolatedSql();
        foreach (var audit in events)
        {
            sql.Add(Statement(audit)).Add($";\n");
        }

        return ExecuteAsync(transaction, sql, cancellationToken);
    }

    /// <summary>
    /// The statement that writes one event, for whoever sends several at once with the administrator's account; every value is an argument. One
    /// that is there already is passed over, for which MariaDB asks for a right to change what is recorded.
    /// </summary>
    public FormattableString Statement(AuditEvent audit) =>
        WebhookIntake.Statements(audit, time.GetUtcNow()).Aggregate(
            InsertOnce(audit, $"VALUES ({Values(audit, $"{audit.Data}")})"), (statements, kept) => $"{statements};\n{kept}");

    /// <summary>The same for an event whose details stand in rows: one for each that the source gives.</summary>
    /// <param name="audit">The event, with neither id nor dedupe key when there may be several rows.</param>
    /// <param name="details">An SQL expression over the source's columns.</param>
    /// <param name="source"><c>FROM … WHERE …</c></param>
    public FormattableString Statement(AuditEvent audit, FormattableString details, FormattableString source) =>
        InsertOnce(audit, $"SELECT {Values(audit, details)} {source}");

    private static bool ComesTwice(AuditEvent audit) => audit.DedupeKey is not null || audit.Id is not null;

    private static Task<int> ExecuteAsync(DbTransaction transaction, InterpolatedSql sql, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql.Text, sql.Parameters, transaction, cancellationToken: cancellationToken));

    private static FormattableString InsertOnce(AuditEvent audit, FormattableString rows) =>
        ComesTwice(audit) ? $"{Insert(rows)} ON DUPLICATE KEY UPDATE audit_logs.id = audit_logs.id" : Insert(rows);

    private static FormattableString Insert(FormattableString rows) =>
        $"""
        INSERT INTO audit_logs (id, tenant_id, actor_type, actor_id, action, subject_type, subject_id, request_id, details, dedupe_key, created_at)
        {rows}
        """;

    private FormattableString Values(AuditEvent audit, FormattableString details) =>
        $"""
        {audit.Id ?? Guid.CreateVersion7()}, {audit.TenantId}, {audit.ActorType}, {audit.ActorId}, {audit.Action}, {audit.SubjectType},
          {audit.SubjectId}, {audit.RequestId}, {details}, {audit.DedupeKey}, {audit.At ?? time.GetUtcNow()}
        """;
}
