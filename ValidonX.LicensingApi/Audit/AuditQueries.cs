using System.Data.Common;
using Dapper;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Audit;

/// <summary>Reads the audit log. Who an actor is is told by the name that the actor has now: names are not kept in entries, which nobody could take them out of again.</summary>
internal sealed class AuditQueries(PlatformDatabase platform)
{
    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<ShownAuditEntry> Items, string? NextCursor)> ListAsync(
        AuditFilter filter, PageRequest page, bool forOperator, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = await ReadAsync(connection, filter, page.Before is null ? null : "id < @bound", "id DESC", page.Before, page.Limit + 1, cancellationToken);
        var (items, nextCursor) = page.Cut(rows, row => row.Id);
        return (await ShowAsync(connection, items, forOperator, cancellationToken), nextCursor);
    }

    /// <summary>The next entries behind one, oldest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="after">The last one before; <see cref="Guid.Empty"/> is before all.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="forOperator">Whether an operator looks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<ShownAuditEntry>> ReadOnAsync(AuditFilter filter, Guid after, int most, bool forOperator, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await ShowAsync(connection, await ReadAsync(connection, filter, "id > @bound", "id", after, most, cancellationToken), forOperator, cancellationToken);
    }

    /// <summary>All chains that there are.</summary>
    public async Task<IReadOnlyList<Guid?>> ChainsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<Guid>(new CommandDefinition(
            "SELECT chain FROM audit_chains UNION SELECT COALESCE(tenant_id, @Empty) FROM (SELECT tenant_id FROM audit_logs GROUP BY tenant_id) entries",
            new { Guid.Empty },
            cancellationToken: cancellationToken))).Select(chain => chain == Guid.Empty ? (Guid?)null : chain).ToList();
    }

    private static async Task<IReadOnlyList<AuditEntry>> ReadAsync(
        DbConnection connection, AuditFilter filter, string? bound, string order, Guid? boundId, int most, CancellationToken cancellationToken)
    {
        var conditions = new SqlConditions();
        conditions.Add("tenant_id = @TenantId", filter.TenantId is not null);
        conditions.Add(filter.Action?.EndsWith('*') == true ? "action LIKE @beginning" : "action = @Action", filter.Action is not null);
        conditions.Add("(actor_id = @Actor OR actor_type = @Actor)", filter.Actor is not null);
        conditions.Add("subject_id = @Target", filter.Target is not null);
        conditions.Add("request_id = @RequestId", filter.RequestId is not null);
        conditions.Add("created_at >= @From", filter.From is not null);
        conditions.Add("created_at < @To", filter.To is not null);
        conditions.Add(bound ?? "", bound is not null);
        return (await connection.QueryAsync<AuditEntry>(new CommandDefinition(
            $"""
            SELECT {AuditEntry.Columns} FROM audit_logs
            {conditions}
            ORDER BY {order} LIMIT @most
            """,
            new
            {
                filter.TenantId,
                filter.Action,
                beginning = SqlPattern.StartingWith(filter.Action?.TrimEnd('*') ?? ""),
                filter.Actor,
                filter.Target,
                filter.RequestId,
                filter.From,
                filter.To,
                bound = boundId,
                most,
            },
            cancellationToken: cancellationToken))).AsList();
    }

    private static async Task<IReadOnlyList<ShownAuditEntry>> ShowAsync(
        DbConnection connection, IReadOnlyList<AuditEntry> rows, bool forOperator, CancellationToken cancellationToken)
    {
        var ids = rows.Where(row => row.ActorId is not null).Select(row => row.ActorId!).Distinct(StringComparer.Ordinal).ToList();
        var names = ids.Count == 0
            ? new Dictionary<(string, string), string>()
            : (await connection.QueryAsync<(string Kind, Guid Id, string Name)>(new CommandDefinition(
                """
                SELECT 'user', id, name FROM users WHERE id IN @ids
                UNION ALL SELECT 'operator', id, name FROM admins WHERE id IN @ids
                UNION ALL SELECT 'api_key', id, name FROM api_keys WHERE id IN @ids
                """,
                new { ids },
                cancellationToken: cancellationToken))).ToDictionary(row => (row.Kind, row.Id.ToString()), row => row.Name);
        return [.. rows.Select(row => ShownAuditEntry.Of(row, names.GetValueOrDefault((row.ActorType, row.ActorId ?? "")), forOperator))];
    }
}
