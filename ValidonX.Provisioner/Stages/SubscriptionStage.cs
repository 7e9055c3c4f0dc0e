using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 5: the tenant's subscription to its plan, from now on: first the days in which the plan may be tried, if it has any. Its first invoice is made when it is first looked at.</summary>
internal sealed class SubscriptionStage(TimeProvider time) : ProvisioningStageStep(ProvisioningStages.Subscription)
{
    public override Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var tenant = context.Tenant;
        var month = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        context.WriteWithOutcome(
            $"""
            INSERT INTO subscriptions (id, tenant_id, plan_code, status, current_period_start, current_period_end, anchor_at, billing_period, price_cents, currency,
              metered_until, next_look_at, created_at, updated_at)
            SELECT {Guid.CreateVersion7()}, {tenant.Id}, p.code, IF(p.trial_days > 0, 'trialing', 'active'), {now},
              CASE WHEN p.trial_days > 0 THEN DATE_ADD({now}, INTERVAL p.trial_days DAY) WHEN p.billing_period = 'year' THEN {now.AddYears(1)} ELSE {now.AddMonths(1)} END,
              {now}, p.billing_period, p.price_cents, p.currency, {month}, {now}, {now}, {now}
            FROM plans p WHERE p.code = {tenant.PlanCode}
            ON DUPLICATE KEY UPDATE subscriptions.tenant_id = subscriptions.tenant_id
            """);
        return Task.CompletedTask;
    }
}
