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
/// <remarks>
/// Beside the jobs there is one row for each tenant, its queue, which is kept in step with them in the same transaction: whether it has
/// work, when it was last served, and a time before which none of its jobs is due. A claim costs the same with ten jobs and with a
/// hundred thousand.
/// </remarks>
public sealed class JobQueue(PlatformDatabase platform, IOptions<JobOptions> options)
{
    private const int Looks = 64;

    // One message: a worker that freezes sits on no lock. Whatever somebody else has locked is passed over and not waited for. Jobs are ordered by
    // their tenant too, which they all have in common: without it MySQL reads, locks and sorts all of the tenant's instead of taking the index's first.
    private const string Claim =
        $"""
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        START TRANSACTION;
        INSERT INTO queue_claims (owner, tenant_id)
        SELECT @owner, tenant_id FROM job_queues WHERE waiting = 1 AND next_at <= UTC_TIMESTAMP(6)
        ORDER BY last_served_at, next_at LIMIT 1 FOR UPDATE SKIP LOCKED;
        UPDATE queue_claims SET job_id = (
          SELECT j.id FROM jobs j WHERE j.tenant_id = queue_claims.tenant_id AND j.due_at <= UTC_TIMESTAMP(6)
          ORDER BY j.tenant_id, j.due_at, j.id LIMIT 1 FOR UPDATE SKIP LOCKED)
        WHERE owner = @owner;
        UPDATE queue_claims c JOIN jobs j ON j.id = c.job_id SET c.due_at = j.due_at WHERE c.owner = @owner;
        UPDATE queue_claims c JOIN jobs j ON j.id = c.job_id
        SET j.status = 'running', j.attempts = j.attempts + 1, j.lease_owner = @owner, j.due_at = UTC_TIMESTAMP(6) + INTERVAL @lease MICROSECOND
        WHERE c.owner = @owner AND j.due_at <= UTC_TIMESTAMP(6);
        UPDATE queue_claims c JOIN job_queues q ON q.tenant_id = c.tenant_id SET q.last_served_at = UTC_TIMESTAMP(6)
        WHERE c.owner = @owner
          AND (c.job_id IS NOT NULL OR EXISTS (SELECT 1 FROM jobs j WHERE j.tenant_id = c.tenant_id AND j.due_at <= UTC_TIMESTAMP(6)));
        {QueueRow.BringIntoStep};
        SELECT c.tenant_id, j.id, j.kind, j.payload, j.attempts, j.max_attempts, j.trace_parent,
          COALESCE(t.slug, '') AS tenant_slug, COALESCE(t.plan_code, '') AS tenant_plan,
          GREATEST(0, TIMESTAMPDIFF(MICROSECOND, COALESCE(c.due_at, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6))) AS due_microseconds
        FROM queue_claims c
        LEFT JOIN jobs j ON j.id = c.job_id AND j.status = 'running' AND j.lease_owner = @owner
        LEFT JOIN tenants t ON t.id = c.tenant_id
        WHERE c.owner = @owner;
        DELETE FROM queue_claims WHERE owner = @owner;
        COMMIT
        """;

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
            $"""
            INSERT INTO jobs (id, tenant_id, kind, payload, status, max_attempts, due_at, trace_parent, created_at)
            VALUES (@job, @tenantId, @kind, @payload, 'pending', @maximumAttempts, UTC_TIMESTAMP(6), @trace, UTC_TIMESTAMP(6));
            {QueueRow.MakeDue}
            """,
            new { job = id, tenantId, kind, payload, maximumAttempts, trace = TenantTelemetry.KeepCause() },
            transaction,
            cancellationToken: cancellationToken));
        return id;
    }

    /// <summary>Has a job run again that has ended, as often as a new one.</summary>
    /// <param name="transaction">The change's; the job's row is locked in it.</param>
    /// <param name="id">The job.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task RetryAsync(DbTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"""
            UPDATE jobs SET status = 'pending', attempts = 0, due_at = UTC_TIMESTAMP(6), lease_owner = NULL, error = NULL, finished_at = NULL WHERE id = @job;
            {QueueRow.MakeDue}
            """,
            new { job = id },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Ends a job that has not ended. A worker that is at it has lost its lease with that, and its queue is brought into step by the next claim.</summary>
    /// <param name="transaction">The change's; the job's row is locked in it.</param>
    /// <param name="id">The job.</param>
    /// <param name="reason">Why, one sentence.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task CancelAsync(DbTransaction transaction, Guid id, string reason, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE jobs SET status = 'canceled', due_at = NULL, lease_owner = NULL, error = @reason, finished_at = UTC_TIMESTAMP(6) WHERE id = @id",
            new { id, reason },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>
    /// Claims one due job, of the tenant served least recently, or gives <see langword="null"/> when none is due. A job whose
    /// holder's lease has run out counts as due.
    /// </summary>
    /// <param name="owner">A name for this worker, unique among all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Job?> ClaimAsync(string owner, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        for (var look = 1; look <= Looks; look++)
        {
            switch (await LookAsync(connection, owner, cancellationToken))
            {
                case null:
                    return null;
                case { Id: not null } row:
                    return new Job(row.Id.Value, row.TenantId, row.Kind!, row.Payload!, row.Attempts, row.MaxAttempts, row.TraceParent)
                    {
                        TenantSlug = row.TenantSlug,
                        TenantPlan = row.TenantPlan,
                        Waited = TimeSpan.FromMicroseconds(row.DueMicroseconds),
                    };
            }

            // The queue had fewer jobs than its row said; the row is right now, and the next queue's turn has come.
        }

        return null;
    }

    /// <summary>Keeps the lease; <see langword="false"/> when another worker has taken the job over and this one must stop.</summary>
    public async Task<bool> RenewAsync(Job job, string owner, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE jobs SET due_at = UTC_TIMESTAMP(6) + INTERVAL @lease MICROSECOND
            WHERE id = @Id AND status = 'running' AND lease_owner = @owner
            """,
            new { job.Id, owner, lease = (long)Lease.TotalMicroseconds },
            cancellationToken: cancellationToken)) > 0;
    }

    /// <summary>Hands an unfinished job back, as if it had not been tried, for another worker to take at once.</summary>
    public Task ReleaseAsync(Job job, string owner, CancellationToken cancellationToken) => platform.TransactAsync(
        async (transaction, token) =>
        {
            var released = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                UPDATE jobs SET status = 'pending', attempts = attempts - 1, lease_owner = NULL, due_at = UTC_TIMESTAMP(6)
                WHERE id = @Id AND status = 'running' AND lease_owner = @owner
                """,
                new { job.Id, owner },
                transaction,
                cancellationToken: token));
            if (released > 0)
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    QueueRow.MakeDue, new { job = job.Id }, transaction, cancellationToken: token));
            }
        },
        cancellationToken);

    /// <summary>The jobs that wait for a worker or for their time, by tenant and kind, those that wait longest first.</summary>
    /// <param name="most">Most tenants and kinds to give.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<WaitingJobs>> WaitingAsync(int most, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<WaitingJobs>(new CommandDefinition(
            """
            SELECT j.tenant_id, COALESCE(t.slug, '') AS tenant_slug, COALESCE(t.plan_code, '') AS tenant_plan, j.kind, j.jobs, j.due_microseconds
            FROM (
              SELECT tenant_id, kind, COUNT(*) AS jobs, GREATEST(0, TIMESTAMPDIFF(MICROSECOND, MIN(due_at), UTC_TIMESTAMP(6))) AS due_microseconds
              FROM jobs WHERE status = 'pending' GROUP BY tenant_id, kind ORDER BY due_microseconds DESC LIMIT @most) j
            LEFT JOIN tenants t ON t.id = j.tenant_id
            ORDER BY j.due_microseconds DESC
            """,
            new { most },
            cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>Deletes some of the jobs that ended longer ago than that, and of the queues that have had no work since.</summary>
    /// <param name="retention">How long an ended job is kept.</param>
    /// <param name="most">How many at most, so that nobody waits long for the locks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many rows were deleted.</returns>
    public async Task<int> DeleteEndedAsync(TimeSpan retention, int most, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            DELETE FROM jobs WHERE finished_at < UTC_TIMESTAMP(6) - INTERVAL @retention SECOND ORDER BY finished_at LIMIT @most;
            DELETE FROM job_queues WHERE waiting = 0 AND last_served_at < UTC_TIMESTAMP(6) - INTERVAL @retention SECOND ORDER BY last_served_at LIMIT @most
            """,
            new { retention = (long)retention.TotalSeconds, most },
            cancellationToken: cancellationToken));
    }

    /// <summary>The queue whose turn it is, with its job; without one when it has none to give; <see langword="null"/> when no queue's turn has come.</summary>
    private async Task<Row?> LookAsync(DbConnection connection, string owner, CancellationToken cancellationToken)
    {
        try
        {
            await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
                Claim, new { owner, lease = (long)Lease.TotalMicroseconds }, cancellationToken: cancellationToken));
            return await rows.ReadSingleOrDefaultAsync<Row>();
        }
        catch (Exception failure)
        {
            await Transactions.LeaveAsync(connection);
            if (!DatabaseError.IsTransient(failure))
            {
                throw;
            }

            // Another transaction won; the row may be as it was.
            return new Row();
        }
    }

    private sealed record Row
    {
        public Guid TenantId { get; init; }

        public Guid? Id { get; init; }

        public string? Kind { get; init; }

        public string? Payload { get; init; }

        public int Attempts { get; init; }

        public int MaxAttempts { get; init; }

        public string? TraceParent { get; init; }

        public string TenantSlug { get; init; } = "";

        public string TenantPlan { get; init; } = "";

        public long DueMicroseconds { get; init; }
    }
}
