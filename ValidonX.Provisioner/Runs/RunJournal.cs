using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Tenants;

namespace ValidonX.Provisioner.Runs;

/// <summary>
/// Writes what becomes of a run: its row, its stages' rows and an audit event for each outcome, each time in one transaction that takes
/// effect only while this worker has the job's lease.
/// </summary>
internal sealed class RunJournal(DbConnection platform, JobLease lease, AuditLog audit, TimeProvider time)
{
    /// <summary>
    /// Takes the run up: it is running, its first open stage too. A stage that a dead worker left running is noted as interrupted.
    /// <see langword="null"/> when this job's tenant has no such run.
    /// </summary>
    public async Task<RunState?> TakeUpAsync(Guid runId, CancellationToken cancellationToken)
    {
        var (run, stages) = await ReadAsync(runId, cancellationToken);
        if (run is null || run.Status == RunStatus.Succeeded)
        {
            return run;
        }

        var now = time.GetUtcNow();
        var writes = lease.Write().Add(
            $"""
            UPDATE provisioning_runs
            SET status = 'running', attempts = attempts + 1, error = NULL, started_at = COALESCE(started_at, {now}), finished_at = NULL
            WHERE id = {run.Id}
            """);
        if (stages.FirstOrDefault(stage => stage.Status == RunStatus.Running) is { } cutOff)
        {
            var details = new JsonObject { ["number"] = cutOff.Number, ["stage"] = cutOff.Name, ["attempt"] = cutOff.Attempts };
            writes.Add(audit.Statement(RunEvents.Create(RunEvents.StageInterrupted, run.Id, run.Tenant.Id, details)));
        }

        writes.Add(Start(run.Id, stages.First(stage => stage.Status != RunStatus.Succeeded).Number, now));
        await writes.ExecuteAsync(platform, cancellationToken);
        return run;
    }

    /// <summary>
    /// Records a stage as done together with what it writes in the platform database, and the next one as running; after the last one
    /// the tenant is active and the run has succeeded.
    /// </summary>
    /// <exception cref="LeaseLostException">Another worker has the run; nothing is written.</exception>
    public async Task RecordDoneAsync(
        StageProgress stage, IReadOnlyList<FormattableString> writesOfStage, int? next, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var writes = lease.Write();
        foreach (var write in writesOfStage)
        {
            writes.Add(write);
        }

        writes.Add(
            $"""
            UPDATE provisioning_stages SET status = 'succeeded', finished_at = {now}, duration_ms = {stage.Duration.TotalMilliseconds}, error = NULL
            WHERE run_id = {stage.RunId} AND number = {stage.Number}
            """);
        var details = new JsonObject { ["number"] = stage.Number, ["stage"] = stage.Name };
        writes.Add(audit.Statement(RunEvents.Create(RunEvents.StageSucceeded, stage.RunId, stage.Tenant.Id, details) with
        {
            DedupeKey = $"{RunEvents.StageSucceeded}:{stage.RunId}:{stage.Number}",
        }));
        if (next is { } number)
        {
            writes.Add(Start(stage.RunId, number, now));
        }
        else
        {
            // A tenant that an operator has suspended or closed meanwhile stays what the operator made it.
            writes
                .Add($"UPDATE tenants SET status = 'active', updated_at = {now} WHERE id = {stage.Tenant.Id} AND status = 'provisioning'")
                .Add($"UPDATE provisioning_runs SET status = 'succeeded', error = NULL, finished_at = {now} WHERE id = {stage.RunId}");
        }

        await writes.ExecuteAsync(platform, cancellationToken);
    }

    /// <summary>
    /// Records a failed attempt: of the stage that was running, if any, and of the run when there is no further attempt. A run that has
    /// succeeded stays so, whatever the job fails at afterwards.
    /// </summary>
    public static void RecordFailure(LeasedWrites writes, AuditLog audit, Guid runId, Guid tenantId, JobFailure failure, DateTimeOffset now)
    {
        var details = new JsonObject { ["error"] = failure.Sentence };
        writes
            .Add(audit.Statement(
                RunEvents.Create(RunEvents.StageFailed, runId, tenantId, details),
                $"JSON_OBJECT('number', number, 'stage', name, 'attempt', attempts, 'error', {failure.Sentence})",
                $"FROM provisioning_stages WHERE run_id = {runId} AND status = 'running'"))
            .Add(
                $"""
                UPDATE provisioning_stages
                SET status = 'failed', finished_at = {now}, duration_ms = TIMESTAMPDIFF(MICROSECOND, started_at, {now}) / 1000, error = {failure.Sentence}
                WHERE run_id = {runId} AND status = 'running'
                """);
        if (failure.Retry is not null)
        {
            writes.Add($"UPDATE provisioning_runs SET status = 'pending', error = {failure.Sentence} WHERE id = {runId} AND tenant_id = {tenantId} AND status <> 'succeeded'");
            return;
        }

        writes
            .Add(audit.Statement(
                RunEvents.Create(RunEvents.RunFailed, runId, tenantId, details),
                $"JSON_OBJECT('error', {failure.Sentence})",
                $"FROM provisioning_runs WHERE id = {runId} AND tenant_id = {tenantId} AND status <> 'succeeded'"))
            .Add(
                $"""
                UPDATE provisioning_runs SET status = 'failed', error = {failure.Sentence}, finished_at = {now}
                WHERE id = {runId} AND tenant_id = {tenantId} AND status <> 'succeeded'
                """);
    }

    private static FormattableString Start(Guid runId, int number, DateTimeOffset now) =>
        $"""
        UPDATE provisioning_stages
        SET status = 'running', attempts = attempts + 1, started_at = {now}, finished_at = NULL, duration_ms = NULL, error = NULL
        WHERE run_id = {runId} AND number = {number}
        """;

    private async Task<(RunState? Run, IReadOnlyList<ProvisioningStage> Stages)> ReadAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var rows = await platform.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT status FROM provisioning_runs WHERE id = @runId AND tenant_id = @TenantId;
            SELECT {Tenant.Columns} FROM tenants WHERE id = @TenantId;
            SELECT number, name, status, attempts FROM provisioning_stages WHERE run_id = @runId ORDER BY number
            """,
            new { runId, lease.Job.TenantId },
            cancellationToken: cancellationToken));
        if (await rows.ReadSingleOrDefaultAsync<string>() is not { } status)
        {
            return (null, []);
        }

        var tenant = await rows.ReadSingleAsync<Tenant>();
        var stages = (await rows.ReadAsync<ProvisioningStage>()).AsList();
        return (
            new RunState(runId, status, tenant, [.. stages.Where(stage => stage.Status == RunStatus.Succeeded).Select(stage => stage.Number)]),
            stages);
    }
}
