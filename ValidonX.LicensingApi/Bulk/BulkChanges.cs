using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Licenses;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>Changes of many licenses: asked for here, made by the provisioner's job of the same id.</summary>
internal sealed class BulkChanges(PlatformDatabase platform, LicenseQueries licenses, StateChanges changes, IWakeup wakeup, TimeProvider time)
{
    private const string SubjectType = "bulk_change";
    private const string Columns = "b.job_id AS id, b.action, j.status, b.matched, b.done, b.failed, j.error, j.created_at, j.finished_at";
    private const int MostUnderWay = 5;

    /// <summary>Says how many licenses are meant, or enters the job that changes them.</summary>
    public async Task<IResult> ExecuteAsync(TenantPlacement placement, NewBulkChange asked, ChangeRequest<ShownBulkChange> request)
    {
        var now = time.GetUtcNow();
        var selection = asked.Filter.Selection(now);
        var matched = await licenses.CountAsync(placement, selection, request.Aborted);
        if (asked.Preview)
        {
            return ApiResult.Ok(new BulkPreview(matched), LicensingJson.Default.BulkPreview);
        }

        var action = asked.Action.Word();
        var payload = new BulkChangeJob(action, selection, asked.ExpiresAt, request.Audit.ActorType, request.Audit.ActorId, request.Audit.RequestId).ToPayload();
        var result = await changes.InPlatformAsync<ShownBulkChange>(request, async (transaction, token) =>
        {
            // Under the lock of the tenant's row, so that those who ask at once are counted one after the other.
            var connection = transaction.Connection!;
            await connection.ExecuteAsync(new CommandDefinition(
                "SELECT id FROM tenants WHERE id = @TenantId FOR UPDATE", new { placement.TenantId }, transaction, cancellationToken: token));
            var underWay = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT COUNT(*) FROM bulk_changes b JOIN jobs j ON j.id = b.job_id WHERE b.tenant_id = @TenantId AND j.status IN ('pending', 'running')",
                new { placement.TenantId },
                transaction,
                cancellationToken: token));
            if (underWay >= MostUnderWay)
            {
                return TooMany;
            }

            var id = await JobQueue.EnqueueAsync(transaction, placement.TenantId, BulkChangeJob.Kind, payload, BulkChangeJob.MaximumAttempts, token);
            await connection.ExecuteAsync(new CommandDefinition(
                "INSERT INTO bulk_changes (job_id, tenant_id, action, matched) VALUES (@id, @TenantId, @action, @matched)",
                new { id, placement.TenantId, action, matched },
                transaction,
                cancellationToken: token));
            var made = (await FindAsync(connection, transaction, placement.TenantId, id, lockIt: false, token))!;
            return new Changed<ShownBulkChange>(made) { Event = request.Audit.About(SubjectType, id).Made(made, LicensingJson.Default.ShownBulkChange) };
        });
        wakeup.Signal(JobWorkers.WakeupChannel);
        return result;
    }

    /// <summary>409: as many as may be are under way.</summary>
    public static ApiError TooMany { get; } = ApiErrors.Conflict("Five changes of many licenses are under way already; wait for one to end.");

    /// <summary>409: there is nothing to cancel.</summary>
    public static ApiError Ended { get; } = ApiErrors.Conflict("The change has ended already.");

    /// <summary>One, or <see langword="null"/>.</summary>
    public async Task<ShownBulkChange?> FindAsync(Guid tenantId, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, tenantId, id, lockIt: false, cancellationToken);
    }

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<ShownBulkChange> Items, string? NextCursor)> ListAsync(Guid tenantId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            SELECT {Columns} FROM bulk_changes b JOIN jobs j ON j.id = b.job_id
            WHERE b.tenant_id = @tenantId AND (@Before IS NULL OR b.job_id < @Before) ORDER BY b.job_id DESC LIMIT @take
            """,
            new { tenantId, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut<ShownBulkChange>([.. rows.Select(row => row.Show())], change => change.Id);
    }

    /// <summary>Ends one that has not ended. What it has changed stays so; at most the licenses that are under way are changed yet.</summary>
    public Task<IResult> CancelAsync(Guid tenantId, Guid id, ChangeRequest<ShownBulkChange> request) =>
        changes.InPlatformAsync<ShownBulkChange>(request, async (transaction, token) =>
        {
            var before = await FindAsync(transaction.Connection!, transaction, tenantId, id, lockIt: true, token);
            switch (before?.Status)
            {
                case null:
                    return ApiErrors.ResourceNotFound;
                case JobStatus.Canceled:
                    return new Changed<ShownBulkChange>(before);
                case JobStatus.Succeeded or JobStatus.Failed:
                    return Ended;
            }

            await JobQueue.CancelAsync(transaction, id, "It was canceled.", token);
            var after = (await FindAsync(transaction.Connection!, transaction, tenantId, id, lockIt: false, token))!;
            return new Changed<ShownBulkChange>(after) { Event = request.Audit.About(SubjectType, id).Changed(before, after, LicensingJson.Default.ShownBulkChange) };
        });

    private static async Task<ShownBulkChange?> FindAsync(
        DbConnection connection, DbTransaction? transaction, Guid tenantId, Guid id, bool lockIt, CancellationToken cancellationToken) =>
        (await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition(
            $"SELECT {Columns} FROM bulk_changes b JOIN jobs j ON j.id = b.job_id WHERE b.job_id = @id AND b.tenant_id = @tenantId{(lockIt ? " FOR UPDATE" : "")}",
            new { id, tenantId },
            transaction,
            cancellationToken: cancellationToken)))?.Show();

    private sealed record Row
    {
        public Guid Id { get; init; }

        public string Action { get; init; } = "";

        public string Status { get; init; } = "";

        public long Matched { get; init; }

        public long Done { get; init; }

        public long Failed { get; init; }

        public string? Error { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset? FinishedAt { get; init; }

        public ShownBulkChange Show() => new(Id, Action, Status, Matched, Done, Failed, Error, CreatedAt, FinishedAt);
    }
}
