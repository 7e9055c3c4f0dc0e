using ValidonX.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Plans;

namespace ValidonX.Provisioner.Plans;

/// <summary>Runs the jobs of kind <c>apply_plan</c>. Any number of them may run for a tenant, also at once: each writes what is the plan then.</summary>
internal sealed class ApplyPlanHandler(PlatformDatabase platform, TenantPlans plans, ICoherence coherence) : IJobHandler
{
    public string Kind => ApplyPlanJob.Kind;

    public async Task HandleAsync(JobLease lease, CancellationToken cancellationToken)
    {
        var tenantId = lease.Job.TenantId;
        TenantPlan? applied;
        try
        {
            applied = await plans.ApplyAsync(tenantId, cancellationToken);
        }
        catch (Exception failure) when (DatabaseError.IsUnavailable(failure))
        {
            throw new JobFailedException("The tenant's database does not answer.", inner: failure);
        }

        if (applied is null)
        {
            return;
        }

        try
        {
            await coherence.InvalidateAsync([Invalidation.OfTenant(tenantId)], cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new JobFailedException("The gateways cannot be told of the tenant's plan yet.", inner: failure);
        }

        await using var connection = await platform.OpenAsync(cancellationToken);
        await lease.Write().Add(TenantPlans.Applied(tenantId, applied)).ExecuteAsync(connection, cancellationToken);
    }

    public void RecordFailure(LeasedWrites writes, Job job, JobFailure failure)
    {
        // The tenant's row still says that its plan is on its way.
    }
}
