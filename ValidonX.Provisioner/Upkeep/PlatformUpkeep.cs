using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Provisioner.Closing;
using ValidonX.Provisioner.Webhooks;

namespace ValidonX.Provisioner.Upkeep;

/// <summary>Deletes from time to time what has been kept for long enough. Several provisioners may do it at once.</summary>
internal sealed partial class PlatformUpkeep(
    JobQueue queue,
    DueDeletions deletions,
    ExpiredRows expired,
    WebhookUpkeep webhooks,
    DatabaseOutage outage,
    IOptions<RetentionOptions> options,
    TimeProvider time,
    ILogger<PlatformUpkeep> logger)
{
    private const int JobsAtOnce = 500;

    /// <summary>Goes on until the token is canceled.</summary>
    public Task RunAsync(CancellationToken stopping) => Rounds.RunAsync(options.Value.UpkeepInterval, time, DeleteAsync, stopping);

    private async Task DeleteAsync(CancellationToken stopping)
    {
        await TryAsync(DeleteJobsAsync, stopping);
        await TryAsync(deletions.EnqueueAsync, stopping);
        await TryAsync(expired.DeleteAsync, stopping);
        await TryAsync(webhooks.DeleteAsync, stopping);
    }

    private async Task DeleteJobsAsync(CancellationToken stopping)
    {
        while (await queue.DeleteEndedAsync(options.Value.KeepEndedJobs, JobsAtOnce, stopping) > 0)
        {
            // Short transactions, so that nobody waits long for the locks.
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        try
        {
            await work(stopping);
        }
        catch (Exception away) when (DatabaseError.IsUnavailable(away))
        {
            outage.Note(away);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.NotDone(logger, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What has been kept for long enough could not be deleted; the next round will.")]
        public static partial void NotDone(ILogger logger, Exception exception);
    }
}
