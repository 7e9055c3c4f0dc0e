using Dapper;
using ValidonX.Platform.Plans;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 7: the counters of what the plan limits, from zero.</summary>
internal sealed class UsageCountersStage(TimeProvider time) : ProvisioningStageStep(ProvisioningStages.UsageCounters)
{
    /// <summary>How many there are.</summary>
    public const int Counters = 3;

    public override async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var scope = await context.EnterScopeAsync(cancellationToken);
        await scope.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO usage_counters (license_id, code, period_start, used, updated_at) VALUES
              ('', @Products, '1970-01-01', 0, @now),
              ('', @Licenses, '1970-01-01', 0, @now),
              ('', @ActivationsTotal, '1970-01-01', 0, @now)
            ON DUPLICATE KEY UPDATE license_id = license_id
            """,
            new { EntitlementCodes.Products, EntitlementCodes.Licenses, EntitlementCodes.ActivationsTotal, now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
    }
}
