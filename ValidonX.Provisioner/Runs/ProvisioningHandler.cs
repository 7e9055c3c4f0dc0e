using System.Data.Common;
using System.Text.Json;
using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Keys;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Tenants;

namespace ValidonX.Provisioner.Runs;

/// <summary>Runs the jobs of kind <c>provision</c>.</summary>
internal sealed class ProvisioningHandler(
    PlatformDatabase platform,
    TenantDatabases databases,
    ProvisioningPipeline pipeline,
    ICoherence coherence,
    AuditLog audit,
    TimeProvider time) : IJobHandler
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

    /// <summary>Gateways may remember that the tenant was not in service and that its key was unknown.</summary>
    private async Task AnnounceAsync(DbConnection connection, Tenant tenant, CancellationToken cancellationToken)
    {
        var hash = await connection.QuerySingleOrDefaultAsync<byte[]>(new CommandDefinition(
            "SELECT key_hash FROM api_keys WHERE tenant_id = @Id AND provisioned = 1",
            new { tenant.Id },
            cancellationToken: cancellationToken));
        await coherence.InvalidateAsync(
            hash is null ? [Invalidation.OfTenant(tenant.Id)] : [Invalidation.OfTenant(tenant.Id), CacheKeys.ApiKey(new ApiKeyHash(hash))],
            cancellationToken);
    }
}
