using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Outbox;
using ValidonX.Platform.Redis;

namespace ValidonX.Provisioner.Outbox;

/// <summary>
/// Empties tenants' outboxes: a loop for each database server, so that one that does not answer holds up its own tenants only. Any number of
/// processes may do so.
/// </summary>
internal sealed partial class OutboxDrain(
    OutboxSchedule schedule,
    TenantDrain drain,
    OutboxMetrics metrics,
    IWakeup wakeup,
    DatabaseOutage outage,
    IOptions<OutboxOptions> options,
    TimeProvider time,
    ILogger<OutboxDrain> logger)
{
    private const int MostDue = 32;
    private const int AtOnce = 4;
    private static readonly TimeSpan UpkeepEvery = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Task> _servers = new(StringComparer.Ordinal);

    /// <summary>Works until the token is canceled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(UpkeepEvery, time);
        try
        {
            do
            {
                await KeepUpAsync(stopping);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Task.WhenAll(_servers.Values);
        }
    }

    /// <summary>Finds new tenants and new servers, and measures.</summary>
    private async Task KeepUpAsync(CancellationToken stopping)
    {
        try
        {
            await schedule.AdoptAsync(options.Value.Look, stopping);
            foreach (var server in await schedule.ServersAsync(stopping))
            {
                if (!_servers.ContainsKey(server))
                {
                    _servers.Add(server, Task.Run(() => ServeAsync(server, stopping), CancellationToken.None));
                }
            }

            metrics.SetBacklog(await schedule.BacklogAsync(stopping));
        }
        catch (Exception away) when (DatabaseError.IsUnavailable(away))
        {
            outage.Note(away);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.NotKeptUp(logger, failure.Message);
        }
    }

    private async Task ServeAsync(string server, CancellationToken stopping)
    {
        using var signals = wakeup.Listen(OutboxHints.WakeupChannel);
        var isFailing = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var due = await schedule.FindDueAsync(server, MostDue, stopping);
                var failures = 0;
                await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping }, async (one, token) =>
                {
                    if (await TryDrainAsync(one, token) is { } failure && Interlocked.Increment(ref failures) == 1 && !isFailing)
                    {
                        // One line for an outage, not one for each tenant that it touches.
                        Log.NotDrained(logger, one.Placement.TenantId, server, failure);
                    }
                });
                isFailing = failures > 0;
                if (due.Count == 0)
                {
                    await signals.WaitAsync(options.Value.Poll, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (DatabaseError.IsUnavailable(failure))
                {
                    outage.Note(failure);
                }
                else
                {
                    Log.NotKeptUp(logger, failure.Message);
                }

                await Task.WhenAny(Task.Delay(options.Value.Poll, time, stopping));
            }
        }
    }

    /// <summary>Drains one tenant, if nobody else does; gives the failure.</summary>
    private async Task<Exception?> TryDrainAsync(DueOutbox due, CancellationToken stopping)
    {
        if (!await schedule.ClaimAsync(due, stopping))
        {
            return null;
        }

        try
        {
            if (await drain.DrainAsync(due.Placement, stopping))
            {
                await schedule.PutBackAsync(due, TimeSpan.Zero, stopping);
            }
            else
            {
                await schedule.FinishAsync(due, options.Value.Look, stopping);
            }

            return null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            await schedule.PutBackAsync(due, options.Value.Pause, stopping);
            return failure;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Events of tenant {TenantId} on {Server} stay in its outbox for now, and perhaps those of others there.")]
        public static partial void NotDrained(ILogger logger, Guid tenantId, string server, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "Tenants' outboxes have to wait. {Reason}")]
        public static partial void NotKeptUp(ILogger logger, string reason);
    }
}
