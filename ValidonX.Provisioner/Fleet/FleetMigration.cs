using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Schema;

namespace ValidonX.Provisioner.Fleet;

/// <summary>
/// Finds tenants whose databases are behind the newest schema, with one query, and enters a job for each: at start, and once a minute since an
/// older provisioner may still be making tenants.
/// </summary>
internal sealed partial class FleetMigration(PlatformDatabase platform, IWakeup wakeup, TimeProvider time, ILogger<FleetMigration> logger)
{
    private const int BatchSize = 200;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Works until the token is canceled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                await TryEnqueueAsync(stopping);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    /// <summary>Enters the jobs that are missing; how many.</summary>
    public async Task<int> EnqueueAsync(CancellationToken cancellationToken)
    {
        var entered = 0;
        for (int batch; ; entered += batch)
        {
            batch = await platform.TransactAsync(EnqueueBatchAsync, cancellationToken);
            if (batch == 0)
            {
                return entered;
            }

            wakeup.Signal(JobWorkers.WakeupChannel);
        }
    }

    // Also a tenant whose run stands behind its migration, made by an older provisioner. A job that has failed is followed by another later.
    private static async Task<int> EnqueueBatchAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        var behind = (await transaction.Connection!.QueryAsync<Guid>(new CommandDefinition(
            """
            SELECT t.id FROM tenants t
            WHERE t.schema_version > 0 AND t.schema_version < @TenantVersion AND t.status <> 'closed'
              AND NOT EXISTS (
                SELECT 1 FROM jobs j WHERE j.tenant_id = t.id AND j.kind = @Kind
                  AND (j.status IN ('pending', 'running') OR j.finished_at > UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE))
            LIMIT @BatchSize
            """,
            new { SchemaScript.TenantVersion, MigrateTenantJob.Kind, BatchSize },
            transaction,
            cancellationToken: cancellationToken))).AsList();
        foreach (var tenant in behind)
        {
            await JobQueue.EnqueueAsync(transaction, tenant, MigrateTenantJob.Kind, "{}", MigrateTenantJob.MaximumAttempts, cancellationToken);
        }

        return behind.Count;
    }

    private async Task TryEnqueueAsync(CancellationToken stopping)
    {
        try
        {
            if (await EnqueueAsync(stopping) is > 0 and var tenants)
            {
                Log.Behind(logger, tenants, SchemaScript.TenantVersion);
            }
        }
        catch (Exception failure) when (DatabaseError.IsFailure(failure))
        {
            Log.NotLooked(logger, failure.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The databases of {Tenants} tenants are brought to schema version {Version}.")]
        public static partial void Behind(ILogger logger, int tenants, int version);

        [LoggerMessage(2, LogLevel.Warning, "Whether tenants' schemas are behind could not be found out; the next look will tell. {Reason}")]
        public static partial void NotLooked(ILogger logger, string reason);
    }
}
