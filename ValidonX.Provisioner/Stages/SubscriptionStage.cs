using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 5: the tenant's subscription to its plan, from now for a month.</summary>
internal sealed class SubscriptionStage(TimeProvider time) : ProvisioningStageStep(ProvisioningStages.Subscription)
{
    public override Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var tenant = context.Tenant;
        context.WriteWithOutcome(
            $"""
            INSERT INTO subscriptions (id, tenant_id, plan_code, status, current_period_start, current_period_end, created_at, updated_at)
            VALUES ({Guid.CreateVersion7()}, {tenant.Id}, {tenant.PlanCode}, 'active', {now}, {now.AddMonths(1)}, {now}, {now})
            ON DUPLICATE KEY UPDATE tenant_id = tenant_id
            """);
        return Task.CompletedTask;
    }
}
