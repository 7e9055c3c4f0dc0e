using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Rollups;

namespace ValidonX.Platform.Jobs;

/// <summary>The workers of this process: each claims a job, runs it, and looks again; idle ones sleep until a signal or the next poll.</summary>
public sealed partial class JobWorkers(
    JobQueue queue,
    JobRunner runner,
    JobMetrics metrics,
    Tallies tallies,
    IWakeup wakeup,
    DatabaseOutage outage,
    IOptions<JobOptions> options,
    TimeProvider time,
    ILogger<JobWorkers> logger)
{
    /// <summary>The channel that whoever enqueues a job signals after the commit.</summary>
    public const string WakeupChannel = "jobs";

    private const int MostWaitingShown = 5_000;
    private static readonly TimeSpan QueueEvery = TimeSpan.FromSeconds(10);

    // Counting takes longer the more jobs there are; so it is done the more seldom.
    private const int QueueShare = 100;

    /// <summary>
    /// Works until the token is canceled. Then jobs that are running get <see cref="JobOptions.StopPatience"/> to finish and are handed
    /// back after that, so that no lease has to run out.
    /// </summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var abandon = new CancellationTokenSource();
        await using var patience = stopping.Register(() => abandon.CancelAfter(options.Value.StopPatience));

        // Each on a thread of its own to begin with: a client that blocks must not keep its neighbors from starting.
        var process = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
        var workers = Enumerable.Range(1, options.Value.Workers)
            .Select(number => Task.Run(() => WorkAsync($"{process[..Math.Min(process.Length, 90)]}/{number}", stopping, abandon.Token), CancellationToken.None))
            .Append(Task.Run(() => WatchQueueAsync(stopping), CancellationToken.None));
        await Task.WhenAll(workers);
    }

    private async Task WorkAsync(string owner, CancellationToken stopping, CancellationToken abandon)
    {
        using var signals = wakeup.Listen(WakeupChannel);
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                var before = time.GetTimestamp();
                if (await TryClaimAsync(owner, stopping) is { } job)
                {
                    await runner.RunAsync(job, owner, before, abandon);
                }
                else
                {
                    await signals.WaitAsync(options.Value.Poll, stopping);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop while idle.
        }
    }

    private async Task<Job?> TryClaimAsync(string owner, CancellationToken stopping)
    {
        try
        {
            return await queue.ClaimAsync(owner, stopping);
        }
        catch (Exception away) when (DatabaseError.IsUnavailable(away))
        {
            outage.Note(away);
            return null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.NotClaimed(logger, failure);
            return null;
        }
    }

    private async Task WatchQueueAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var before = time.GetTimestamp();
                await SampleQueueAsync(stopping);
                var pause = time.GetElapsedTime(before) * QueueShare;
                await Task.Delay(pause > QueueEvery ? pause : QueueEvery, time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }

    private async Task SampleQueueAsync(CancellationToken stopping)
    {
        try
        {
            var waiting = await queue.WaitingAsync(MostWaitingShown, stopping);
            metrics.SetWaiting(waiting);
            tallies.Queues([.. waiting.GroupBy(kind => kind.TenantId).Select(tenant =>
                (tenant.Key, tenant.Sum(kind => kind.Jobs), tenant.Max(kind => kind.DueMicroseconds) / 1_000_000))]);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The workers say so already; the gauges keep their last values.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Jobs cannot be claimed.")]
        public static partial void NotClaimed(ILogger logger, Exception exception);
    }
}
