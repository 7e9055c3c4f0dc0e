using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Jobs;

/// <summary>Background jobs as operators see and change them.</summary>
internal sealed class JobBoard(PlatformDatabase platform, StateChanges changes, ProvisioningRuns runs, IWakeup wakeup)
{
    private const string SubjectType = "job";
    private const string CanceledReason = "An operator has canceled it.";

    /// <summary>One job, or <see langword="null"/>.</summary>
    public async Task<ShownJob?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, id, cancellationToken);
    }

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<ShownJob> Items, string? NextCursor)> ListAsync(JobFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        var conditions = new SqlConditions();
        conditions.Add("j.status = @Status", filter.Status is not null);
        conditions.Add("j.kind = @Kind", filter.Kind is not null);
        conditions.Add("j.tenant_id = @TenantId", filter.TenantId is not null);
        conditions.Add("j.id < @Before", page.Before is not null);
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<JobRow>(new CommandDefinition(
            $"""
            SELECT {JobRow.Columns} FROM jobs j LEFT JOIN tenants t ON t.id = j.tenant_id
            {conditions}
            ORDER BY j.id DESC LIMIT @take
            """,
            new { filter.Status, filter.Kind, filter.TenantId, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut<ShownJob>([.. rows.Select(row => row.Show())], job => job.Id);
    }

    /// <summary>
    /// Has a job tried again that has failed or was canceled. A provisioning is resumed where it failed, with a job of its own, which is the one that is answered.
    /// </summary>
    public async Task<IResult> RetryAsync(Guid id, ChangeRequest<ShownJob> request)
    {
        var result = await changes.InPlatformAsync<ShownJob>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, id, token) is not { } job)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (job.Status is not (JobStatus.Failed or JobStatus.Canceled))
            {
                return ApiErrors.Conflict("Only a job that has failed or was canceled can be tried again.");
            }

            var retried = id;
            if (job.Kind == ProvisioningJob.Kind)
            {
                if (!await ProvisioningRuns.RetryAsync(transaction, job.TenantId, token))
                {
                    return ApiErrors.Conflict("The tenant's provisioning goes on already, or has come to its end.");
                }

                retried = await transaction.Connection!.QuerySingleAsync<Guid>(new CommandDefinition(
                    "SELECT id FROM jobs WHERE tenant_id = @TenantId AND kind = @Kind AND due_at IS NOT NULL ORDER BY created_at DESC LIMIT 1",
                    new { job.TenantId, job.Kind },
                    transaction,
                    cancellationToken: token));
            }
            else
            {
                await JobQueue.RetryAsync(transaction, id, token);
            }

            return await ChangedAsync(transaction, retried, job, request, token);
        });
        wakeup.Signal(JobWorkers.WakeupChannel);
        return result;
    }

    /// <summary>
    /// Ends a job that has not ended. A worker that is at it has no lease any more: it writes nothing more and stops when it next looks. A provisioning
    /// fails with it, and can be tried again.
    /// </summary>
    public Task<IResult> CancelAsync(Guid id, ChangeRequest<ShownJob> request) =>
        changes.InPlatformAsync<ShownJob>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, id, token) is not { } job)
            {
                return ApiErrors.ResourceNotFound;
            }

            switch (job.Status)
            {
                case JobStatus.Canceled:
                    return new Changed<ShownJob>(job);
                case JobStatus.Succeeded or JobStatus.Failed:
                    return ApiErrors.Conflict("The job has ended already.");
            }

            await JobQueue.CancelAsync(transaction, id, CanceledReason, token);
            if (job.Kind == ProvisioningJob.Kind)
            {
                await runs.EndAsync(transaction, job.TenantId, CanceledReason, token);
            }

            return await ChangedAsync(transaction, id, job, request, token);
        });

    private static async Task<Changed<ShownJob>> ChangedAsync(
        DbTransaction transaction, Guid id, ShownJob before, ChangeRequest<ShownJob> request, CancellationToken cancellationToken)
    {
        var after = (await FindAsync(transaction.Connection!, transaction, id, cancellationToken))!;
        return new Changed<ShownJob>(after)
        {
            Event = request.Audit.About(SubjectType, before.Id).Changed(before, after, LicensingJson.Default.ShownJob) with { TenantId = before.TenantId },
        };
    }

    private static async Task<ShownJob?> LockAsync(DbTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        (await transaction.Connection!.QuerySingleOrDefaultAsync<JobRow?>(new CommandDefinition(
            $"SELECT {JobRow.Columns} FROM jobs j LEFT JOIN tenants t ON t.id = j.tenant_id WHERE j.id = @id FOR UPDATE",
            new { id },
            transaction,
            cancellationToken: cancellationToken)))?.Show();

    private static async Task<ShownJob?> FindAsync(DbConnection connection, DbTransaction? transaction, Guid id, CancellationToken cancellationToken) =>
        (await connection.QuerySingleOrDefaultAsync<JobRow?>(new CommandDefinition(
            $"SELECT {JobRow.Columns} FROM jobs j LEFT JOIN tenants t ON t.id = j.tenant_id WHERE j.id = @id",
            new { id },
            transaction,
            cancellationToken: cancellationToken)))?.Show();

    private sealed record JobRow
    {
        public const string Columns =
            "j.id, j.tenant_id, t.slug AS tenant_slug, j.kind, j.status, j.attempts, j.max_attempts, j.due_at, j.error, j.created_at, j.finished_at";

        public Guid Id { get; init; }

        public Guid TenantId { get; init; }

        public string? TenantSlug { get; init; }

        public string Kind { get; init; } = "";

        public string Status { get; init; } = "";

        public int Attempts { get; init; }

        public int MaxAttempts { get; init; }

        public DateTimeOffset? DueAt { get; init; }

        public string? Error { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset? FinishedAt { get; init; }

        public ShownJob Show() =>
            new(
                Id,
                TenantId,
                TenantSlug,
                Kind,
                Status,
                Attempts,
                MaxAttempts,
                Status == JobStatus.Pending ? DueAt : null,
                Status == JobStatus.Running ? DueAt : null,
                Error,
                CreatedAt,
                FinishedAt);
    }
}
