using System.Text.Json.Nodes;
using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Licenses;
using ValidonX.Platform.Outbox;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Tenants;

namespace ValidonX.Provisioner.Bulk;

/// <summary>
/// Runs the jobs of kind <c>bulk_licenses</c>, step by step. A step is one transaction in the tenant's database, with how far the change is then; so each license is changed once, whoever dies
/// when. Then everyone hears of it, and then the platform's row is brought into step.
/// </summary>
internal sealed class BulkChangeHandler(PlatformDatabase platform, BulkChangeStep step, ICoherence coherence, AuditLog audit, IWakeup wakeup) : IJobHandler
{
    public string Kind => BulkChangeJob.Kind;

    public async Task HandleAsync(JobLease lease, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var tenant = await connection.QuerySingleOrDefaultAsync<Tenant>(new CommandDefinition(
            $"SELECT {Tenant.Columns} FROM tenants WHERE id = @TenantId", new { lease.Job.TenantId }, cancellationToken: cancellationToken));
        if (tenant?.Placement is not { } placement || tenant.Status == TenantStatus.Closed)
        {
            throw new JobFailedException("The tenant is not in service.", isPermanent: true);
        }

        var change = BulkChangeJob.Of(lease.Job.Payload);
        try
        {
            if (await step.HasBegunAsync(placement, lease.Job.Id, cancellationToken))
            {
                // Who was at it before may have died between a step and telling everyone of it.
                await coherence.InvalidateAsync([Invalidation.OfTenant(placement.TenantId)], cancellationToken);
            }

            for (var isLast = false; !isLast;)
            {
                lease.ThrowIfLost();
                var taken = await step.TakeAsync(placement, lease.Job.Id, change, cancellationToken);
                isLast = taken.IsLast;
                await coherence.InvalidateAsync(taken.Stale, cancellationToken);
                var writes = lease.Write()
                    .Add($"UPDATE bulk_changes SET done = {taken.Done}, failed = {taken.Failed} WHERE job_id = {lease.Job.Id}")
                    .Add(OutboxHints.Due(placement));
                if (isLast)
                {
                    writes.Add(audit.Statement(Ended(lease.Job, change, taken)));
                }

                await writes.ExecuteAsync(connection, cancellationToken);
                wakeup.Signal(OutboxHints.WakeupChannel);
            }
        }
        catch (Exception failure) when (DatabaseError.IsUnavailable(failure))
        {
            throw new JobFailedException("The tenant's database does not answer.", inner: failure);
        }
        catch (ChangeNotAnnouncedException failure)
        {
            throw new JobFailedException("What was changed cannot be announced yet.", inner: failure);
        }
    }

    public void RecordFailure(LeasedWrites writes, Job job, JobFailure failure)
    {
        // The job's own row tells it.
    }

    private static AuditEvent Ended(Job job, BulkChangeJob change, StepTaken taken) =>
        new("licenses.bulk_changed", job.TenantId)
        {
            ActorType = change.ActorType,
            ActorId = change.ActorId,
            RequestId = change.RequestId,
            SubjectType = "bulk_change",
            SubjectId = job.Id.ToString(),
            Details = new JsonObject { ["action"] = change.Action, ["done"] = taken.Done, ["failed"] = taken.Failed }.ToJsonString(),
            DedupeKey = $"licenses.bulk_changed:{job.Id}",
        };
}
