using ValidonX.Platform.Databases;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Schema;

namespace ValidonX.Provisioner.Fleet;

/// <summary>Finds tenants whose databases are behind the newest schema: at start, and once a minute since an older provisioner may still be making tenants.</summary>
internal sealed partial class FleetMigration(PlatformDatabase platform, IWakeup wakeup, TimeProvider time, ILogger<FleetMigration> logger)
    : FleetSweep(platform, wakeup, time, TimeSpan.FromMinutes(1))
{
    /// <inheritdoc/>
    protected override string Kind => MigrateTenantJob.Kind;

    /// <inheritdoc/>
    protected override int MaximumAttempts => MigrateTenantJob.MaximumAttempts;

    // Also a tenant whose run stands behind its migration, made by an older provisioner. A job that has failed is followed by another later.
    /// <inheritdoc/>
    protected override (string Sql, object Parameters) Behind() => (
        """
        SELECT t.id FROM tenants t
        WHERE t.schema_version > 0 AND t.schema_version < @TenantVersion AND t.status <> 'closed'
          AND NOT EXISTS (
            SELECT 1 FROM jobs j WHERE j.tenant_id = t.id AND j.kind = @Kind
              AND (j.status IN ('pending', 'running') OR j.finished_at > UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE))
        LIMIT @BatchSize
        """,
        new { SchemaScript.TenantVersion, Kind, BatchSize });

    /// <inheritdoc/>
    protected override void LogBehind(int tenants) => Log.Behind(logger, tenants, SchemaScript.TenantVersion);

    /// <inheritdoc/>
    protected override void LogNotLooked(string reason) => Log.NotLooked(logger, reason);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The databases of {Tenants} tenants are brought to schema version {Version}.")]
        public static partial void Behind(ILogger logger, int tenants, int version);

        [LoggerMessage(2, LogLevel.Warning, "Whether tenants' schemas are behind could not be found out; the next look will tell. {Reason}")]
        public static partial void NotLooked(ILogger logger, string reason);
    }
}
