using Dapper;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 5: the tenant's subscription to its plan, from now for a month.</summary>
internal sealed class SubscriptionStage(TimeProvider time) : ProvisioningStageStep(ProvisioningStages.Subscription)
{
    public override Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var subscription = new { SubscriptionId = Guid.CreateVersion7(), TenantId = context.Tenant.Id, context.Tenant.PlanCode, now, end = now.AddMonths(1) };
        context.WriteWithOutcome((transaction, token) => transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO subscriptions (id, tenant_id, plan_code, status, current_period_start, current_period_end, created_at, updated_at)
            VALUES (@SubscriptionId, @TenantId, @PlanCode, 'active', @now, @end, @now, @now)
            ON DUPLICATE KEY UPDATE tenant_id = tenant_id
            """,
            subscription,
            transaction,
            cancellationToken: token)));
        return Task.CompletedTask;
    }
}
