using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Jobs;

/// <summary>
/// This worker's right to work on a job, renewed in the background. It is lost when another worker has taken the job over, and
/// taken for lost when it could not be renewed in time.
/// </summary>
public sealed partial class JobLease : IAsyncDisposable
{
    private readonly JobQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _renewal;
    private long _validUntil;

    /// <summary>Takes charge of a claimed job.</summary>
    /// <param name="queue">Where it was claimed.</param>
    /// <param name="job">The job.</param>
    /// <param name="owner">The worker's name.</param>
    /// <param name="claimedAt">A timestamp of <paramref name="time"/> from before the claim, so that the deadline here is never later than the database's.</param>
    public JobLease(JobQueue queue, Job job, string owner, long claimedAt, TimeProvider time, ILogger logger)
    {
        (_queue, _time, _logger) = (queue, time, logger);
        (Job, Owner) = (job, owner);
        _validUntil = Deadline(claimedAt);
        _renewal = Task.Run(RenewAsync);
    }

    /// <summary>The job.</summary>
    public Job Job { get; }

    /// <summary>The worker's name.</summary>
    public string Owner { get; }

    /// <summary>Canceled when the lease is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>
    /// For work outside the platform database, directly before it is done: stops a worker that has been frozen for longer than its lease.
    /// </summary>
    /// <exception cref="LeaseLostException">The lease may have run out.</exception>
    public void ThrowIfLost()
    {
        if (_lost.IsCancellationRequested || _time.GetTimestamp() >= Volatile.Read(ref _validUntil))
        {
            throw new LeaseLostException(Job.Id);
        }
    }

    /// <summary>Begins a transaction that takes effect only while this worker has the lease.</summary>
    public LeasedWrites Write() => new(Job.Id, Owner, _queue.Lease);

    /// <summary>Ends the renewal; the job's row stays as it is.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _renewal;
        _ended.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync()
    {
        // Renewals are no part of what the job does: they make no spans.
        Activity.Current = null;
        try
        {
            while (true)
            {
                await Task.Delay(_queue.Lease / 3, _time, _ended.Token);
                var now = _time.GetTimestamp();
                try
                {
                    if (!await _queue.RenewAsync(Job, Owner, _ended.Token))
                    {
                        break;
                    }

                    Volatile.Write(ref _validUntil, Deadline(now));
                }
                catch (Exception away) when (DatabaseError.IsFailure(away))
                {
                    Log.NotRenewed(_logger, Job.Id, away.Message);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    Log.RenewalBroke(_logger, Job.Id, failure);
                }

                if (_time.GetTimestamp() >= Volatile.Read(ref _validUntil))
                {
                    break;
                }
            }

            await _lost.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The job has ended before the lease did.
        }
    }

    private long Deadline(long from) => from + (long)(_queue.Lease.TotalSeconds * _time.TimestampFrequency);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The lease of job {JobId} could not be renewed; trying again while it lasts. {Reason}")]
        public static partial void NotRenewed(ILogger logger, Guid jobId, string reason);

        [LoggerMessage(2, LogLevel.Warning, "The lease of job {JobId} could not be renewed; trying again while it lasts.")]
        public static partial void RenewalBroke(ILogger logger, Guid jobId, Exception exception);
    }
}
