using System.Globalization;
using Dapper;
using ValidonX.Platform.Plans;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 6: what the tenant's plan allows, with an operator's overrides, in the tenant's own database.</summary>
internal sealed class EntitlementsStage(TimeProvider time) : ProvisioningStageStep(ProvisioningStages.Entitlements)
{
    public override async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Tenant;

        // The version first: what is newer than it is applied once more.
        var version = await context.Platform.QuerySingleAsync<long>(new CommandDefinition(
            "SELECT version FROM plans WHERE code = @PlanCode", new { tenant.PlanCode }, cancellationToken: cancellationToken));
        var entitlements = await TenantPlans.ReadAsync(context.Platform, null, tenant.Id, tenant.PlanCode, cancellationToken);
        context.WriteWithOutcome(TenantPlans.Applied(tenant.Id, new TenantPlan(tenant.PlanCode, version)));
        if (entitlements.Count == 0)
        {
            return;
        }

        var rows = new DynamicParameters(new { now = time.GetUtcNow() });
        var values = new List<string>();
        foreach (var (index, entitlement) in entitlements.Index())
        {
            var i = index.ToString(CultureInfo.InvariantCulture);
            rows.Add($"code{i}", entitlement.Code);
            rows.Add($"kind{i}", entitlement.Kind);
            rows.Add($"value{i}", entitlement.Json);
            rows.Add($"source{i}", entitlement.Source);
            values.Add($"('', @code{i}, @kind{i}, @value{i}, 1, @source{i}, @now)");
        }

        var scope = await context.EnterScopeAsync(cancellationToken);
        await scope.ExecuteAsync(new CommandDefinition(
            $"""
            INSERT INTO entitlements (license_id, code, kind, value, hard_limit, source, updated_at) VALUES {string.Join(", ", values)}
            ON DUPLICATE KEY UPDATE license_id = license_id
            """,
            rows,
            cancellationToken: cancellationToken));
    }
}
