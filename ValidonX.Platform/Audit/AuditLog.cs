using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Audit;

/// <summary>Writes audit events in the transaction of what they tell about, so that neither exists without the other.</summary>
public sealed class AuditLog(TimeProvider time)
{
    /// <summary>Writes one event. With an id or a dedupe key that is there already it does nothing.</summary>
    public Task WriteAsync(DbTransaction transaction, AuditEvent audit, CancellationToken cancellationToken) =>
        WriteAsync(transaction, [audit], cancellationToken);

    /// <summary>Writes several in one message.</summary>
    public Task WriteAsync(DbTransaction transaction, IEnumerable<AuditEvent> events, CancellationToken cancellationToken)
    {
        var sql = new InterpolatedSql();
        foreach (var audit in events)
        {
            sql.Add(Statement(audit)).Add($";\n");
        }

        return transaction.Connection!.ExecuteAsync(new CommandDefinition(sql.Text, sql.Parameters, transaction, cancellationToken: cancellationToken));
    }

    /// <summary>The statement that writes one event, for whoever sends several at once; every value is an argument.</summary>
    public FormattableString Statement(AuditEvent audit) => Insert(audit, $"VALUES ({Values(audit, $"{audit.Details}")})");

    /// <summary>The same for an event whose details stand in rows: one for each that the source gives.</summary>
    /// <param name="audit">The event, with neither id nor dedupe key when there may be several rows.</param>
    /// <param name="details">An SQL expression over the source's columns.</param>
    /// <param name="source"><c>FROM … WHERE …</c></param>
    public FormattableString Statement(AuditEvent audit, FormattableString details, FormattableString source) =>
        Insert(audit, $"SELECT {Values(audit, details)} {source}");

    private static FormattableString Insert(AuditEvent audit, FormattableString rows)
    {
        // MariaDB asks whoever writes like this for the right to update every column that is named, which nobody has on what is recorded.
        FormattableString once = $"ON DUPLICATE KEY UPDATE audit_logs.id = audit_logs.id";
        FormattableString always = $"";
        return $"""
            INSERT INTO audit_logs (id, tenant_id, actor_type, actor_id, action, subject_type, subject_id, request_id, details, dedupe_key, created_at)
            {rows} {(audit.DedupeKey is null && audit.Id is null ? always : once)}
            """;
    }

    private FormattableString Values(AuditEvent audit, FormattableString details) =>
        $"""
        {audit.Id ?? Guid.CreateVersion7()}, {audit.TenantId}, {audit.ActorType}, {audit.ActorId}, {audit.Action}, {audit.SubjectType},
          {audit.SubjectId}, {audit.RequestId}, {details}, {audit.DedupeKey}, {audit.At ?? time.GetUtcNow()}
        """;
}
