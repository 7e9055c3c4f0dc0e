using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Plans;
using ValidonX.Platform.Redis;

namespace ValidonX.Provisioner.Plans;

/// <summary>
/// Finds tenants whose databases hold another version of their plan's entitlements than the plan has, with one query, and enters a job for each. It is how a
/// change of a plan reaches its tenants, and the net below a change of one tenant's plan.
/// </summary>
internal sealed partial class FleetPlans(PlatformDatabase platform, IWakeup wakeup, TimeProvider time, ILogger<FleetPlans> logger)
{
    private const int BatchSize = 200;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

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

    // A job that has failed is followed by another later; two looks at once may enter two, which do no harm.
    private static async Task<int> EnqueueBatchAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        var behind = (await transaction.Connection!.QueryAsync<Guid>(new CommandDefinition(
            """
            SELECT t.id FROM plans p JOIN tenants t ON t.plan_code = p.code AND t.plan_version <> p.version
            WHERE t.status IN ('active', 'suspended') AND t.database_name IS NOT NULL
              AND NOT EXISTS (
                SELECT 1 FROM jobs j WHERE j.tenant_id = t.id AND j.kind = @Kind
                  AND (j.status IN ('pending', 'running') OR (j.status = 'failed' AND j.finished_at > UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE)))
            LIMIT @BatchSize
            """,
            new { ApplyPlanJob.Kind, BatchSize },
            transaction,
            cancellationToken: cancellationToken))).AsList();
        foreach (var tenant in behind)
        {
            await JobQueue.EnqueueAsync(transaction, tenant, ApplyPlanJob.Kind, "{}", ApplyPlanJob.MaximumAttempts, cancellationToken);
        }

        return behind.Count;
    }

    private async Task TryEnqueueAsync(CancellationToken stopping)
    {
        try
        {
            if (await EnqueueAsync(stopping) is > 0 and var tenants)
            {
                Log.Behind(logger, tenants);
            }
        }
        catch (Exception failure) when (DatabaseError.IsFailure(failure))
        {
            Log.NotLooked(logger, failure.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Tenants} tenants get the entitlements of their plans as they are now.")]
        public static partial void Behind(ILogger logger, int tenants);

        [LoggerMessage(2, LogLevel.Warning, "Whether tenants' entitlements are those of their plans could not be found out; the next look will tell. {Reason}")]
        public static partial void NotLooked(ILogger logger, string reason);
    }
}
