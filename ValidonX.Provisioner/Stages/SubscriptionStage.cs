using Dapper;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 5: the tenant's subscription to its plan, from now on: first the days in which the plan may be tried, if it has any. Its first invoice is made when it is first looked at.</summary>
internal sealed class SubscriptionStage(AuditLog audit, TimeProvider time) : ProvisioningStageStep(ProvisioningStages.Subscription)
{
    public override async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var tenant = context.Tenant;
        var (trialDays, period) = await context.Platform.QuerySingleAsync<(long, string)>(new CommandDefinition(
            "SELECT CAST(trial_days AS SIGNED), billing_period FROM plans WHERE code = @PlanCode", new { tenant.PlanCode }, cancellationToken: cancellationToken));
        var id = Guid.CreateVersion7(now);
        var status = trialDays > 0 ? "trialing" : "active";
        var end = trialDays > 0 ? now.AddDays(trialDays) : period == "year" ? now.AddYears(1) : now.AddMonths(1);
        var month = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        context.WriteWithOutcome(
            $"""
            INSERT INTO subscriptions (id, tenant_id, plan_code, status, current_period_start, current_period_end, anchor_at, billing_period, price_cents, currency,
              metered_until, next_look_at, created_at, updated_at)
            SELECT {id}, {tenant.Id}, p.code, {status}, {now}, {end}, {now}, p.billing_period, p.price_cents, p.currency, {month}, {now}, {now}, {now}
            FROM plans p WHERE p.code = {tenant.PlanCode}
            ON DUPLICATE KEY UPDATE subscriptions.tenant_id = subscriptions.tenant_id
            """);
        context.WriteWithOutcome(audit.Statement(new AuditEvent("subscription.created", tenant.Id)
        {
            Details = BillingCycle.Facts("provisioned", status, tenant.PlanCode, now, end).ToJsonString(),
            DedupeKey = $"subscription.created:{tenant.Id}",
        }.About("subscription", id)));
    }
}
