using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Alerts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Webhooks;

namespace ValidonX.LicensingApi.Alerts;

/// <summary>
/// Alerts as people see them and what they do about them. A tenant sees its own, except those that compare it with others. What is measured the provisioner writes.
/// </summary>
internal sealed class AlertBoard(PlatformDatabase platform, StateChanges changes, IWakeup wakeup, TimeProvider time)
{
    private const string SubjectType = "alert";

    /// <summary>409: it is too late to take it on.</summary>
    public static ApiError IsClosed { get; } = ApiErrors.Conflict("The alert is closed already.");

    /// <summary>What a tenant's users do not see.</summary>
    private const string OfOperators = AlertKinds.NoisyNeighbor;

    /// <summary>One alert, or <see langword="null"/>; for operators when <paramref name="tenantId"/> is.</summary>
    public async Task<ShownAlert?> FindAsync(Guid? tenantId, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, tenantId, id, "", cancellationToken);
    }

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<ShownAlert> Items, string? NextCursor)> ListAsync(Guid? tenantId, bool isTenants, OwnAlertFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        var conditions = new SqlConditions();
        conditions.Add("a.tenant_id = @tenantId", tenantId is not null);
        conditions.Add("a.kind <> @OfOperators", isTenants);
        conditions.Add("a.status = @Status", filter.Status is not null);
        conditions.Add("a.kind = @Kind", filter.Kind is not null);
        conditions.Add("a.severity = @Severity", filter.Severity is not null);
        conditions.Add("a.id < @Before", page.Before is not null);
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<AlertRow>(new CommandDefinition(
            $"""
            SELECT {AlertRow.Columns} FROM alerts a JOIN tenants t ON t.id = a.tenant_id
            {conditions}
            ORDER BY a.id DESC LIMIT @take
            """,
            new { tenantId, OfOperators, filter.Status, filter.Kind, filter.Severity, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut<ShownAlert>([.. rows.Select(row => row.Show())], alert => alert.Id);
    }

    /// <summary>Takes an alert on. Once more changes nothing.</summary>
    public Task<IResult> AcknowledgeAsync(Guid? tenantId, Guid id, ChangeRequest<ShownAlert> request) =>
        MoveAsync(tenantId, id, AlertStatus.Acknowledged, "status = 'acknowledged', acknowledged_at = @now, acknowledged_by = @ActorType", request);

    /// <summary>Closes an alert whose condition may go on; it opens again when that has been over and comes back. Once more changes nothing.</summary>
    public Task<IResult> CloseAsync(Guid id, ChangeRequest<ShownAlert> request) =>
        MoveAsync(null, id, AlertStatus.Closed, "status = 'closed', closed_at = @now, closed_by = @ActorType", request);

    private async Task<IResult> MoveAsync(Guid? tenantId, Guid id, string status, string changed, ChangeRequest<ShownAlert> request)
    {
        var result = await changes.InPlatformAsync<ShownAlert>(request, async (transaction, token) =>
        {
            var connection = transaction.Connection!;
            if (await FindAsync(connection, transaction, tenantId, id, "FOR UPDATE", token) is not { } before)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (before.Status == status)
            {
                return new Changed<ShownAlert>(before);
            }

            if (before.Status == AlertStatus.Closed)
            {
                return IsClosed;
            }

            await connection.ExecuteAsync(new CommandDefinition(
                $"UPDATE alerts SET {changed} WHERE id = @id", new { id, now = time.GetUtcNow(), request.Audit.ActorType }, transaction, cancellationToken: token));
            var after = (await FindAsync(connection, transaction, tenantId, id, "", token))!;
            return new Changed<ShownAlert>(after)
            {
                Event = request.Audit.About(SubjectType, id).Changed(before, after, LicensingJson.Default.ShownAlert).Showing(SubjectType, after, LicensingJson.Default.ShownAlert) with
                {
                    TenantId = AlertKinds.IsTenants(after.Kind) ? after.TenantId : null,
                },
            };
        });
        wakeup.Signal(WebhookIntake.WakeupChannel);
        return result;
    }

    private static async Task<ShownAlert?> FindAsync(
        DbConnection connection, DbTransaction? transaction, Guid? tenantId, Guid id, string locking, CancellationToken cancellationToken)
    {
        // Locked by itself: the API may lock alerts, and a join would lock the tenant, too.
        if (locking.Length > 0)
        {
            await connection.ExecuteAsync(new CommandDefinition($"SELECT id FROM alerts WHERE id = @id {locking}", new { id }, transaction, cancellationToken: cancellationToken));
        }

        return (await connection.QuerySingleOrDefaultAsync<AlertRow?>(new CommandDefinition(
            $"""
            SELECT {AlertRow.Columns} FROM alerts a JOIN tenants t ON t.id = a.tenant_id
            WHERE a.id = @id {(tenantId is null ? "" : "AND a.tenant_id = @tenantId AND a.kind <> @OfOperators")}
            """,
            new { id, tenantId, OfOperators },
            transaction,
            cancellationToken: cancellationToken)))?.Show();
    }
}
