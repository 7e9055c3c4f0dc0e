using ValidonX.Platform.Databases;
using ValidonX.Platform.Plans;
using ValidonX.Platform.Redis;
using ValidonX.Provisioner.Fleet;

namespace ValidonX.Provisioner.Plans;

/// <summary>
/// Finds tenants whose databases hold another version of their plan's entitlements than the plan has. It is how a change of a plan reaches its tenants, and the
/// net below a change of one tenant's plan.
/// </summary>
internal sealed partial class FleetPlans(PlatformDatabase platform, IWakeup wakeup, TimeProvider time, ILogger<FleetPlans> logger)
    : FleetSweep(platform, wakeup, time, TimeSpan.FromSeconds(10))
{
    /// <inheritdoc/>
    protected override string Kind => ApplyPlanJob.Kind;

    /// <inheritdoc/>
    protected override int MaximumAttempts => ApplyPlanJob.MaximumAttempts;

    // A job that has failed is followed by another later; two looks at once may enter two, which do no harm.
    /// <inheritdoc/>
    protected override (string Sql, object Parameters) Behind() => (
        """
        SELECT t.id FROM plans p JOIN tenants t ON t.plan_code = p.code AND t.plan_version <> p.version
        WHERE t.status IN ('active', 'suspended') AND t.database_name IS NOT NULL
          AND NOT EXISTS (
            SELECT 1 FROM jobs j WHERE j.tenant_id = t.id AND j.kind = @Kind
              AND (j.status IN ('pending', 'running') OR (j.status = 'failed' AND j.finished_at > UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE)))
        LIMIT @BatchSize
        """,
        new { Kind, BatchSize });

    /// <inheritdoc/>
    protected override void LogBehind(int tenants) => Log.Behind(logger, tenants);

    /// <inheritdoc/>
    protected override void LogNotLooked(string reason) => Log.NotLooked(logger, reason);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Tenants} tenants get the entitlements of their plans as they are now.")]
        public static partial void Behind(ILogger logger, int tenants);

        [LoggerMessage(2, LogLevel.Warning, "Whether tenants' entitlements are those of their plans could not be found out; the next look will tell. {Reason}")]
        public static partial void NotLooked(ILogger logger, string reason);
    }
}
