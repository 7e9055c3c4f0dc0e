using System.Data.Common;
using System.Globalization;
using System.Text;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;

namespace ValidonX.Platform.Provisioning;

/// <summary>Begins, repeats and shows provisioning runs. Each tenant has one run; a retry continues it.</summary>
public sealed class ProvisioningRuns(PlatformDatabase platform, TimeProvider time)
{
    /// <summary>What <c>IWakeup</c> signals after the commit, so that a worker looks at once.</summary>
    public const string WakeupChannel = JobWorkers.WakeupChannel;

    /// <summary>What <c>IWakeup</c> signals after each stage, so that who watches a run looks at once.</summary>
    public const string ProgressChannel = "provisioning-progress";

    /// <summary>Writes the run, its twelve stages and its job, in the transaction that writes the tenant.</summary>
    /// <returns>The run's id.</returns>
    public async Task<Guid> BeginAsync(DbTransaction transaction, Guid tenantId, CancellationToken cancellationToken)
    {
        var runId = Guid.CreateVersion7();
        var stages = new StringBuilder();
        foreach (var (index, name) in ProvisioningStages.InOrder.Index())
        {
            stages.Append(CultureInfo.InvariantCulture, $"{(index == 0 ? "" : ", ")}(@runId, {index + 1}, '{name}', 'pending')");
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"""
            INSERT INTO provisioning_runs (id, tenant_id, status, created_at) VALUES (@runId, @tenantId, 'pending', @now);
            INSERT INTO provisioning_stages (run_id, number, name, status) VALUES {stages}
            """,
            new { runId, tenantId, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        await EnqueueAsync(transaction, tenantId, runId, cancellationToken);
        return runId;
    }

    /// <summary>
    /// Puts a failed run back to pending with a new job; stages that are done stay done. <see langword="false"/> when the tenant's run
    /// has not failed, or there is none.
    /// </summary>
    public static async Task<bool> RetryAsync(DbTransaction transaction, Guid tenantId, CancellationToken cancellationToken)
    {
        var runId = await transaction.Connection!.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
            "SELECT id FROM provisioning_runs WHERE tenant_id = @tenantId AND status = 'failed' FOR UPDATE",
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken));
        if (runId is null)
        {
            return false;
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            UPDATE provisioning_runs SET status = 'pending', error = NULL, finished_at = NULL WHERE id = @runId;
            UPDATE provisioning_stages SET status = 'pending', error = NULL, started_at = NULL, finished_at = NULL, duration_ms = NULL
            WHERE run_id = @runId AND status <> 'succeeded'
            """,
            new { runId },
            transaction,
            cancellationToken: cancellationToken));
        await EnqueueAsync(transaction, tenantId, runId.Value, cancellationToken);
        return true;
    }

    /// <summary>
    /// Ends a run that has not succeeded, whatever it is at. A worker that is at it loses its lease with the job, writes nothing more, and
    /// stops when it next looks.
    /// </summary>
    /// <param name="transaction">The transaction that closes the tenant.</param>
    /// <param name="tenantId">Whose run.</param>
    /// <param name="reason">Why, one sentence.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task EndAsync(DbTransaction transaction, Guid tenantId, string reason, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            UPDATE jobs SET status = 'failed', due_at = NULL, lease_owner = NULL, error = @reason, finished_at = UTC_TIMESTAMP(6)
            WHERE tenant_id = @tenantId AND kind = @Kind AND due_at IS NOT NULL;
            UPDATE provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id
            SET s.status = 'failed', s.error = @reason, s.finished_at = @now
            WHERE r.tenant_id = @tenantId AND s.status = 'running';
            UPDATE provisioning_runs SET status = 'failed', error = @reason, finished_at = @now WHERE tenant_id = @tenantId AND status IN ('pending', 'running')
            """,
            new { tenantId, reason, ProvisioningJob.Kind, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>The tenant's run with its stages, or <see langword="null"/>; one round trip.</summary>
    public async Task<ProvisioningRun?> FindAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, tenantId, cancellationToken);
    }

    /// <summary>The same on a connection that the caller keeps.</summary>
    public static async Task<ProvisioningRun?> FindAsync(
        DbConnection connection, DbTransaction? transaction, Guid tenantId, CancellationToken cancellationToken)
    {
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            """
            SELECT id, status, error, created_at, started_at, finished_at FROM provisioning_runs WHERE tenant_id = @tenantId;
            SELECT s.number, s.name, s.status, s.attempts, s.started_at, s.finished_at, s.duration_ms, s.error
            FROM provisioning_stages s JOIN provisioning_runs r ON r.id = s.run_id
            WHERE r.tenant_id = @tenantId ORDER BY s.number
            """,
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken));
        var run = await rows.ReadSingleOrDefaultAsync<ProvisioningRun>();
        return run is null ? null : run with { Stages = (await rows.ReadAsync<ProvisioningStage>()).AsList() };
    }

    private static Task<Guid> EnqueueAsync(DbTransaction transaction, Guid tenantId, Guid runId, CancellationToken cancellationToken) =>
        JobQueue.EnqueueAsync(
            transaction,
            tenantId,
            ProvisioningJob.Kind,
            new ProvisioningJob(runId).ToPayload(),
            ProvisioningJob.MaximumAttempts,
            cancellationToken);
}
