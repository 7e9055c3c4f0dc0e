using System.Data.Common;
using System.Text.Json;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Tenants;

namespace ValidonX.Provisioner.Runs;

/// <summary>Runs the jobs of kind <c>provision</c>.</summary>
internal sealed partial class ProvisioningHandler(
    PlatformDatabase platform,
    TenantDatabases databases,
    ProvisioningPipeline pipeline,
    TenantAnnouncement announcement,
    AuditLog audit,
    TimeProvider time,
    ILogger<ProvisioningHandler> logger) : IJobHandler
{
    public string Kind => ProvisioningJob.Kind;

    public async Task HandleAsync(JobLease lease, CancellationToken cancellationToken)
    {
        // One connection for the whole run: what a run writes here is many small transactions, one after the other.
        await using var connection = await platform.OpenAsync(cancellationToken);
        var journal = new RunJournal(connection, lease, audit, time);
        var run = (RunIdOf(lease.Job) is { } runId ? await journal.TakeUpAsync(runId, cancellationToken) : null)
            ?? throw new JobFailedException("The job names a run that does not exist.", isPermanent: true);

        if (run.Status != RunStatus.Succeeded)
        {
            await using var context = new StageContext(run, lease, connection, databases);
            await pipeline.RunAsync(run, context, journal, lease, cancellationToken);
        }

        // Part of the job and not of the run: a worker that dies before the caches know is followed by one that tells them.
        await AnnounceAsync(connection, run.Tenant, cancellationToken);
    }

    public void RecordFailure(LeasedWrites writes, Job job, JobFailure failure)
    {
        if (RunIdOf(job) is { } runId)
        {
            RunJournal.RecordFailure(writes, audit, runId, job.TenantId, failure, time.GetUtcNow());
        }
    }

    private static Guid? RunIdOf(Job job)
    {
        try
        {
            return ProvisioningJob.FromPayload(job.Payload).RunId;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The run is done, so its job is too; who could not be told of it now is told by a job that does nothing else.</summary>
    private async Task AnnounceAsync(DbConnection connection, Tenant tenant, CancellationToken cancellationToken)
    {
        try
        {
            await announcement.MakeAsync(connection, tenant.Id, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.NotAnnounced(logger, tenant.Id, failure);
            await platform.TransactAsync(
                (transaction, token) => JobQueue.EnqueueAsync(
                    transaction, tenant.Id, AnnouncementHandler.JobKind, "{}", AnnouncementHandler.MaximumAttempts, token),
                cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Tenant {TenantId} is provisioned, but the gateways could not be told; a job of its own will.")]
        public static partial void NotAnnounced(ILogger logger, Guid tenantId, Exception exception);
    }
}
