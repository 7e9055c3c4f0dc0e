using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Platform.Jobs;

/// <summary>
/// Jobs in the platform database: enqueued in the transaction of the change that causes them, claimed under a lease that another
/// worker takes over when its holder dies. Due times and leases are judged by the database's clock, so the clocks of
/// the workers' machines do not matter.
/// </summary>
public sealed class JobQueue(PlatformDatabase platform, IOptions<JobOptions> options)
{
    private const int Candidates = 16;
    private const int Looks = 5;

    /// <summary><see cref="JobOptions.Lease"/>.</summary>
    public TimeSpan Lease => options.Value.Lease;

    /// <summary>Adds a job that may run at once.</summary>
    /// <exception cref="ArgumentException">The tenant's id is empty: work without a tenant could run in anyone's scope.</exception>
    public static async Task<Guid> EnqueueAsync(
        DbTransaction transaction,
        Guid tenantId,
        string kind,
        string payload,
        int maximumAttempts,
        CancellationToken cancellationToken)
    {
        if (tenantId == Guid.Empty)
        {
            throw new ArgumentException("A job needs a tenant.", nameof(tenantId));
        }

        var id = Guid.CreateVersion7();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO jobs (id, tenant_id, kind, payload, status, max_attempts, run_at, trace_parent, created_at)
            VALUES (@id, @tenantId, @kind, @payload, 'pending', @maximumAttempts, UTC_TIMESTAMP(6), @trace, UTC_TIMESTAMP(6))
            """,
            new { id, tenantId, kind, payload, maximumAttempts, trace = TenantTelemetry.KeepCause() },
            transaction,
            cancellationToken: cancellationToken));
        return id;
    }

    /// <summary>
    /// Claims one due job, of the tenant served least recently, or gives <see langword="null"/> when none is due. A job whose
    /// holder's lease has run out counts as due.
    /// </summary>
    /// <param name="owner">A name for this worker, unique among all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Job?> ClaimAsync(string owner, CancellationToken cancellationToken)
    {
        for (var look = 1; look <= Looks; look++)
        {
            var candidates = await FindCandidatesAsync(cancellationToken);
            if (candidates.Count == 0)
            {
                return null;
            }

            foreach (var candidate in candidates)
            {
                if (await TryClaimAsync(candidate, owner, cancellationToken) is { } job)
                {
                    return job;
                }
            }

            // Others were quicker with each of them, which says nothing about the jobs behind those.
        }

        return null;
    }

    /// <summary>Keeps the lease; <see langword="false"/> when another worker has taken the job over and this one must stop.</summary>
    public async Task<bool> RenewAsync(Job job, string owner, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE jobs SET lease_until = UTC_TIMESTAMP(6) + INTERVAL @lease MICROSECOND
            WHERE id = @Id AND status = 'running' AND lease_owner = @owner
            """,
            new { job.Id, owner, lease = (long)Lease.TotalMicroseconds },
            cancellationToken: cancellationToken)) > 0;
    }

    /// <summary>Hands an unfinished job back, as if it had not been tried, for another worker to take at once.</summary>
    public async Task ReleaseAsync(Job job, string owner, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE jobs SET status = 'pending', attempts = attempts - 1, lease_owner = NULL, lease_until = NULL
            WHERE id = @Id AND status = 'running' AND lease_owner = @owner
            """,
            new { job.Id, owner },
            cancellationToken: cancellationToken));
    }

    /// <summary>The jobs that wait for a worker or for their time, by tenant and kind, those that wait longest first.</summary>
    /// <param name="most">Most tenants and kinds to give.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<WaitingJobs>> WaitingAsync(int most, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<WaitingJobs>(new CommandDefinition(
            """
            SELECT j.tenant_id, COALESCE(t.slug, '') AS tenant_slug, COALESCE(t.plan_code, '') AS tenant_plan, j.kind, COUNT(*) AS jobs,
              GREATEST(0, TIMESTAMPDIFF(MICROSECOND, MIN(j.run_at), UTC_TIMESTAMP(6))) AS due_microseconds
            FROM jobs j LEFT JOIN tenants t ON t.id = j.tenant_id
            WHERE j.status = 'pending'
            GROUP BY j.tenant_id, t.slug, t.plan_code, j.kind
            ORDER BY due_microseconds DESC
            LIMIT @most
            """,
            new { most },
            cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>Ends the job well; for <see cref="LeasedWrites"/>.</summary>
    public static FormattableString Succeed(Job job) =>
        $"""
        UPDATE jobs SET status = 'succeeded', lease_owner = NULL, lease_until = NULL, error = NULL, finished_at = UTC_TIMESTAMP(6)
        WHERE id = {job.Id}
        """;

    /// <summary>Puts the job back to run again after a pause; for <see cref="LeasedWrites"/>.</summary>
    public static FormattableString Retry(Job job, TimeSpan pause, string error) =>
        $"""
        UPDATE jobs SET status = 'pending', lease_owner = NULL, lease_until = NULL, error = {error},
          run_at = UTC_TIMESTAMP(6) + INTERVAL {(long)pause.TotalMicroseconds} MICROSECOND
        WHERE id = {job.Id}
        """;

    /// <summary>Ends the job badly, for good; for <see cref="LeasedWrites"/>.</summary>
    public static FormattableString Fail(Job job, string error) =>
        $"""
        UPDATE jobs SET status = 'failed', lease_owner = NULL, lease_until = NULL, error = {error}, finished_at = UTC_TIMESTAMP(6)
        WHERE id = {job.Id}
        """;

    private async Task<IReadOnlyList<Guid>> FindCandidatesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);

        // Of each tenant only its oldest due job (to the millisecond, by the id) is a candidate, so one tenant's thousand jobs are one place in the queue.
        return (await connection.QueryAsync<Guid>(new CommandDefinition(
            """
            SELECT MIN(j.id)
            FROM jobs j LEFT JOIN job_turns t ON t.tenant_id = j.tenant_id
            WHERE (j.status = 'pending' AND j.run_at <= UTC_TIMESTAMP(6))
               OR (j.status = 'running' AND j.lease_until < UTC_TIMESTAMP(6))
            GROUP BY j.tenant_id, t.last_served_at
            ORDER BY t.last_served_at, MIN(j.id)
            LIMIT @limit
            """,
            new { limit = Candidates },
            cancellationToken: cancellationToken))).AsList();
    }

    private async Task<Job?> TryClaimAsync(Guid id, string owner, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);

        // One statement by primary key: of several workers exactly one changes the row, and none holds its lock while it thinks.
        var claimed = await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE jobs
            SET status = 'running', attempts = attempts + 1, lease_owner = @owner, lease_until = UTC_TIMESTAMP(6) + INTERVAL @lease MICROSECOND
            WHERE id = @id
              AND ((status = 'pending' AND run_at <= UTC_TIMESTAMP(6)) OR (status = 'running' AND lease_until < UTC_TIMESTAMP(6)))
            """,
            new { id, owner, lease = (long)Lease.TotalMicroseconds },
            cancellationToken: cancellationToken));
        if (claimed == 0)
        {
            return null;
        }

        var job = await connection.QuerySingleAsync<Row>(new CommandDefinition(
            """
            INSERT INTO job_turns (tenant_id, last_served_at) SELECT tenant_id, UTC_TIMESTAMP(6) FROM jobs WHERE id = @id
            ON DUPLICATE KEY UPDATE last_served_at = UTC_TIMESTAMP(6);
            SELECT j.id, j.tenant_id, j.kind, j.payload, j.attempts, j.max_attempts, j.trace_parent,
              COALESCE(t.slug, '') AS tenant_slug, COALESCE(t.plan_code, '') AS tenant_plan,
              GREATEST(0, TIMESTAMPDIFF(MICROSECOND, j.run_at, UTC_TIMESTAMP(6))) AS due_microseconds
            FROM jobs j LEFT JOIN tenants t ON t.id = j.tenant_id WHERE j.id = @id
            """,
            new { id },
            cancellationToken: cancellationToken));
        return new Job(job.Id, job.TenantId, job.Kind, job.Payload, job.Attempts, job.MaxAttempts, job.TraceParent)
        {
            TenantSlug = job.TenantSlug,
            TenantPlan = job.TenantPlan,
            Waited = TimeSpan.FromMicroseconds(job.DueMicroseconds),
        };
    }

    private sealed record Row
    {
        public required Guid Id { get; init; }

        public required Guid TenantId { get; init; }

        public required string Kind { get; init; }

        public required string Payload { get; init; }

        public int Attempts { get; init; }

        public int MaxAttempts { get; init; }

        public string? TraceParent { get; init; }

        public string TenantSlug { get; init; } = "";

        public string TenantPlan { get; init; } = "";

        public long DueMicroseconds { get; init; }
    }
}
