using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Redis;
using ValidonX.Provisioner.Upkeep;

namespace ValidonX.Provisioner.Fleet;

/// <summary>Finds tenants that are behind in something, with one query, now and then, and enters a job for each.</summary>
/// <param name="platform">Where tenants and jobs are.</param>
/// <param name="wakeup">Wakes the workers.</param>
/// <param name="time">The clock.</param>
/// <param name="every">How long from one look to the next.</param>
internal abstract class FleetSweep(PlatformDatabase platform, IWakeup wakeup, TimeProvider time, TimeSpan every)
{
    /// <summary>Most jobs entered in one transaction.</summary>
    protected const int BatchSize = 200;

    /// <summary>The jobs' kind.</summary>
    protected abstract string Kind { get; }

    /// <summary>How often one of them is tried.</summary>
    protected abstract int MaximumAttempts { get; }

    /// <summary>Works until the token is canceled.</summary>
    public Task RunAsync(CancellationToken stopping) => Rounds.RunAsync(every, time, TryEnqueueAsync, stopping);

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

    /// <summary>The statement that finds the ids of tenants that are behind and have no job for it, at most <c>BatchSize</c>, and its parameters.</summary>
    protected abstract (string Sql, object Parameters) Behind();

    /// <summary>Says how many tenants are behind.</summary>
    protected abstract void LogBehind(int tenants);

    /// <summary>Says that it could not be found out.</summary>
    protected abstract void LogNotLooked(string reason);

    private async Task<int> EnqueueBatchAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        var (sql, parameters) = Behind();
        var behind = (await transaction.Connection!.QueryAsync<Guid>(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellationToken))).AsList();
        foreach (var tenant in behind)
        {
            await JobQueue.EnqueueAsync(transaction, tenant, Kind, "{}", MaximumAttempts, cancellationToken);
        }

        return behind.Count;
    }

    private async Task TryEnqueueAsync(CancellationToken stopping)
    {
        try
        {
            if (await EnqueueAsync(stopping) is > 0 and var tenants)
            {
                LogBehind(tenants);
            }
        }
        catch (Exception failure) when (DatabaseError.IsFailure(failure))
        {
            LogNotLooked(failure.Message);
        }
    }
}
