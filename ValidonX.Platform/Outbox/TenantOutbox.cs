using System.Data.Common;
using Dapper;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Outbox;

/// <summary>
/// The outbox of a tenant's database. An event is written in the transaction in which it happens, so that neither exists without the other;
/// it leaves once it is kept elsewhere under the same id.
/// </summary>
public sealed class TenantOutbox(TimeProvider time)
{
    /// <summary>The first schema version of tenants' databases that has an outbox.</summary>
    public const int SinceVersion = 2;

    /// <summary>Writes one event, in a transaction of the tenant's scope.</summary>
    public Task WriteAsync(DbTransaction transaction, AuditEvent happened, CancellationToken cancellationToken)
    {
        var sql = new InterpolatedSql().Add(Insert(happened));
        return transaction.Connection!.ExecuteAsync(new CommandDefinition(sql.Text, sql.Parameters, transaction, cancellationToken: cancellationToken));
    }

    /// <summary>Writes several events in one statement, in their order, in a transaction of the tenant's scope.</summary>
    public Task WriteAsync(DbTransaction transaction, IEnumerable<AuditEvent> events, CancellationToken cancellationToken)
    {
        var rows = new RowInsert("outbox", "id", "type", "occurred_at", "actor_type", "actor_id", "subject_type", "subject_id", "request_id", "data");
        foreach (var happened in events)
        {
            var at = happened.At ?? time.GetUtcNow();
            rows.Add(
                happened.Id ?? Guid.CreateVersion7(at), happened.Action, at, happened.ActorType, happened.ActorId, happened.SubjectType, happened.SubjectId, happened.RequestId, happened.Data);
        }

        return rows.ExecuteAsync(transaction, cancellationToken);
    }

    /// <summary>The statement that writes one event, for who sends several in one message.</summary>
    public FormattableString Insert(AuditEvent happened)
    {
        var at = happened.At ?? time.GetUtcNow();
        return
            $"""
            INSERT INTO outbox (id, type, occurred_at, actor_type, actor_id, subject_type, subject_id, request_id, data)
            VALUES ({happened.Id ?? Guid.CreateVersion7(at)}, {happened.Action}, {at}, {happened.ActorType}, {happened.ActorId}, {happened.SubjectType}, {happened.SubjectId}, {happened.RequestId}, {happened.Data})
            """;
    }

    /// <summary>The first events, in order.</summary>
    /// <param name="scope">The tenant's.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="seconds">How long the server may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<OutboxEvent>> ReadAsync(TenantScope scope, int most, int seconds, CancellationToken cancellationToken) =>
        (await scope.Connection.QueryAsync<OutboxEvent>(new CommandDefinition(
            $"SELECT {OutboxEvent.Columns} FROM outbox ORDER BY position LIMIT @most",
            new { most },
            commandTimeout: seconds,
            cancellationToken: cancellationToken))).AsList();

    /// <summary>Takes out exactly these: what was committed meanwhile may have smaller positions than some of them.</summary>
    public static Task RemoveAsync(TenantScope scope, IReadOnlyList<OutboxEvent> events, int seconds, CancellationToken cancellationToken) =>
        scope.Connection.ExecuteAsync(new CommandDefinition(
            "DELETE FROM outbox WHERE position IN @positions",
            new { positions = events.Select(one => one.Position) },
            commandTimeout: seconds,
            cancellationToken: cancellationToken));
}
