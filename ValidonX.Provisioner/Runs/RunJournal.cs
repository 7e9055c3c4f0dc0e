using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Tenants;

namespace ValidonX.Provisioner.Runs;

/// <summary>
/// Writes what becomes of a run: its row, its stages' rows and an audit event for each outcome, each time in one transaction that is
/// fenced by the job's lease. A worker that has lost the lease writes nothing here.
/// </summary>
internal sealed class RunJournal(DbConnection platform, JobLease lease, AuditLog audit, TimeProvider time)
{
    /// <summary>
    /// Takes the run up: it is running, its first open stage too. A stage that a dead worker left running is noted as interrupted.
    /// <see langword="null"/> when this job's tenant has no such run.
    /// </summary>
    public Task<RunState?> TakeUpAsync(Guid runId, CancellationToken cancellationToken) =>
        Transactions.RunAsync(
            platform,
            async (transaction, token) =>
            {
                await lease.HoldAsync(transaction, token);
                if (await ReadAsync(transaction, runId, token) is not var (run, stages))
                {
                    return null;
                }

                if (run.Status != RunStatus.Succeeded)
                {
                    await BeginAsync(transaction, run, stages, token);
                }

                return run;
            },
            cancellationToken);

    /// <summary>
    /// Records a stage as done together with what it writes in the platform database, and the next one as running; after the last one
    /// the tenant is active and the run has succeeded.
    /// </summary>
    /// <exception cref="LeaseLostException">Another worker has the run; nothing is written.</exception>
    public Task RecordDoneAsync(
        StageProgress stage,
        IReadOnlyList<Func<DbTransaction, CancellationToken, Task>> writes,
        int? next,
        CancellationToken cancellationToken) =>
        Transactions.RunAsync(
            platform,
            async (transaction, token) =>
            {
                await lease.HoldAsync(transaction, token);
                foreach (var write in writes)
                {
                    await write(transaction, token);
                }

                await platform.ExecuteAsync(new CommandDefinition(
                    $"""
                    UPDATE provisioning_stages SET status = 'succeeded', finished_at = @now, duration_ms = @duration, error = NULL
                    WHERE run_id = @RunId AND number = @Number;
                    {(next is null ? Finish : Start)}
                    """,
                    new
                    {
                        stage.RunId,
                        stage.Number,
                        next,
                        now = time.GetUtcNow(),
                        duration = stage.Duration.TotalMilliseconds,
                        tenantId = stage.Tenant.Id,
                    },
                    transaction,
                    cancellationToken: token));
                await audit.WriteAsync(transaction, StageEvent(StageEvents.Succeeded, stage.RunId, stage.Tenant.Id, stage.Number, stage.Name), token);
                return true;
            },
            cancellationToken);

    /// <summary>Records a failed attempt: of the stage that was running, if any, and of the run when there is no further attempt.</summary>
    public static async Task RecordFailureAsync(
        DbTransaction transaction, Guid runId, Guid tenantId, JobFailure failure, AuditLog audit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var stage = await connection.QuerySingleOrDefaultAsync<ProvisioningStage>(new CommandDefinition(
            "SELECT number, name, status, attempts FROM provisioning_stages WHERE run_id = @runId AND status = 'running' FOR UPDATE",
            new { runId },
            transaction,
            cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE provisioning_stages
            SET status = 'failed', finished_at = @now, duration_ms = TIMESTAMPDIFF(MICROSECOND, started_at, @now) / 1000, error = @Sentence
            WHERE run_id = @runId AND status = 'running';
            UPDATE provisioning_runs SET status = @status, error = @Sentence, finished_at = @finished
            WHERE id = @runId AND tenant_id = @tenantId AND status IN ('pending', 'running')
            """,
            new
            {
                runId,
                tenantId,
                now,
                failure.Sentence,
                status = failure.Retry is null ? RunStatus.Failed : RunStatus.Pending,
                finished = failure.Retry is null ? now : (DateTimeOffset?)null,
            },
            transaction,
            cancellationToken: cancellationToken));
        if (stage is not null)
        {
            await audit.WriteAsync(
                transaction, StageEvent(StageEvents.Failed, runId, tenantId, stage.Number, stage.Name, stage.Attempts, failure.Sentence), cancellationToken);
        }

        if (failure.Retry is null)
        {
            await audit.WriteAsync(
                transaction,
                new AuditEvent(StageEvents.RunFailed, tenantId)
                {
                    SubjectType = StageEvents.Subject,
                    SubjectId = runId.ToString(),
                    Details = new JsonObject { ["error"] = failure.Sentence }.ToJsonString(),
                },
                cancellationToken);
        }
    }

    private const string Start =
        """
        UPDATE provisioning_stages SET status = 'running', attempts = attempts + 1, started_at = @now, finished_at = NULL, duration_ms = NULL, error = NULL
        WHERE run_id = @RunId AND number = @next
        """;

    // A tenant that an operator has suspended or closed meanwhile stays what the operator made it.
    private const string Finish =
        """
        UPDATE tenants SET status = 'active', updated_at = @now WHERE id = @tenantId AND status = 'provisioning';
        UPDATE provisioning_runs SET status = 'succeeded', error = NULL, finished_at = @now WHERE id = @RunId
        """;

    private static AuditEvent StageEvent(
        string action, Guid runId, Guid tenantId, int number, string name, int? attempt = null, string? error = null)
    {
        var details = new JsonObject { ["number"] = number, ["stage"] = name };
        if (attempt is not null)
        {
            details["attempt"] = attempt;
        }

        if (error is not null)
        {
            details["error"] = error;
        }

        return new AuditEvent(action, tenantId)
        {
            SubjectType = StageEvents.Subject,
            SubjectId = runId.ToString(),
            Details = details.ToJsonString(),
            DedupeKey = action == StageEvents.Succeeded ? $"{action}:{runId}:{number}" : null,
        };
    }

    private async Task<(RunState Run, IReadOnlyList<ProvisioningStage> Stages)?> ReadAsync(
        DbTransaction transaction, Guid runId, CancellationToken cancellationToken)
    {
        await using var rows = await platform.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT status FROM provisioning_runs WHERE id = @runId AND tenant_id = @TenantId FOR UPDATE;
            SELECT {Tenant.Columns} FROM tenants WHERE id = @TenantId;
            SELECT number, name, status, attempts FROM provisioning_stages WHERE run_id = @runId ORDER BY number
            """,
            new { runId, lease.Job.TenantId },
            transaction,
            cancellationToken: cancellationToken));
        if (await rows.ReadSingleOrDefaultAsync<string>() is not { } status)
        {
            return null;
        }

        var tenant = await rows.ReadSingleAsync<Tenant>();
        var stages = (await rows.ReadAsync<ProvisioningStage>()).AsList();
        return (
            new RunState(runId, status, tenant, [.. stages.Where(stage => stage.Status == RunStatus.Succeeded).Select(stage => stage.Number)]),
            stages);
    }

    private async Task BeginAsync(
        DbTransaction transaction, RunState run, IReadOnlyList<ProvisioningStage> stages, CancellationToken cancellationToken)
    {
        await platform.ExecuteAsync(new CommandDefinition(
            $"""
            UPDATE provisioning_runs
            SET status = 'running', attempts = attempts + 1, error = NULL, started_at = COALESCE(started_at, @now), finished_at = NULL
            WHERE id = @RunId;
            {Start}
            """,
            new { RunId = run.Id, now = time.GetUtcNow(), next = stages.First(stage => stage.Status != RunStatus.Succeeded).Number },
            transaction,
            cancellationToken: cancellationToken));
        if (stages.FirstOrDefault(stage => stage.Status == RunStatus.Running) is { } cutOff)
        {
            await audit.WriteAsync(
                transaction, StageEvent(StageEvents.Interrupted, run.Id, run.Tenant.Id, cutOff.Number, cutOff.Name, cutOff.Attempts), cancellationToken);
        }
    }
}
