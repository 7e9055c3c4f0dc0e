using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ValidonX.Platform.Databases;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Platform.Jobs;

/// <summary>Runs one claimed job to its end: handler, lease, outcome, telemetry.</summary>
public sealed partial class JobRunner(
    JobQueue queue,
    PlatformDatabase platform,
    IEnumerable<IJobHandler> handlers,
    JobBackoff backoff,
    JobMetrics metrics,
    TimeProvider time,
    ILogger<JobRunner> logger)
{
    private const string Unexplained = "The attempt failed unexpectedly; the worker's log tells why.";

    private readonly Dictionary<string, IJobHandler> _handlers = handlers.ToDictionary(handler => handler.Kind, StringComparer.Ordinal);

    /// <summary>Runs the job. Never throws: whatever happens is the job's outcome.</summary>
    /// <param name="job">The job.</param>
    /// <param name="owner">The name it was claimed under.</param>
    /// <param name="claimedAt">A timestamp from before the claim.</param>
    /// <param name="abandon">The process ends: stop and hand the job back.</param>
    public async Task RunAsync(Job job, string owner, long claimedAt, CancellationToken abandon)
    {
        using var activity = Begin(job);
        using var scope = logger.BeginScope(new Dictionary<string, object>
        {
            [TenantTelemetry.IdTag] = job.TenantId,
            [TenantTelemetry.SlugTag] = job.TenantSlug,
            [TenantTelemetry.PlanTag] = job.TenantPlan,
            [TenantTelemetry.JobIdTag] = job.Id,
        });
        metrics.Claimed(job);
        var started = time.GetTimestamp();
        var outcome = JobOutcome.Unwritten;
        try
        {
            await using var lease = new JobLease(queue, job, owner, claimedAt, time, logger);
            if (await AttemptAsync(lease, abandon) is { } failure)
            {
                activity?.SetStatus(ActivityStatusCode.Error, failure.Sentence);
                outcome = failure.Retry is null ? JobOutcome.Failed : JobOutcome.Retried;
            }
            else
            {
                outcome = JobOutcome.Succeeded;
            }
        }
        catch (LeaseLostException)
        {
            outcome = JobOutcome.Lost;
            Log.Lost(logger, job.Kind, job.Id);
        }
        catch (OperationCanceledException)
        {
            outcome = JobOutcome.HandedBack;
            Log.HandedBack(logger, job.Kind, job.Id);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, Unexplained);
            // The outcome could not be written, whatever the client makes of a broken connection. The lease runs out, and the job is tried again.
            Log.OutcomeNotWritten(logger, job.Kind, job.Id, exception);
        }
        finally
        {
            metrics.Ended(job, time.GetElapsedTime(started), outcome);
        }
    }

    private static Activity? Begin(Job job)
    {
        var cause = ActivityContext.TryParse(job.TraceParent, null, isRemote: true, out var context) ? new ActivityLink(context) : (ActivityLink?)null;
        var activity = JobMetrics.Activities.StartActivity(
            $"job {job.Kind}",
            ActivityKind.Consumer,
            parentContext: default,
            links: cause is { } link ? [link] : null);
        TenantTelemetry.Tag(activity, job.TenantId.ToString(), job.TenantSlug, job.TenantPlan);
        activity?.SetTag(TenantTelemetry.JobIdTag, job.Id.ToString());
        activity?.SetTag(TenantTelemetry.JobKindTag, job.Kind);
        activity?.SetTag("job.attempt", job.Attempt);
        return activity;
    }

    /// <returns>The failure, or <see langword="null"/> for success.</returns>
    private async Task<JobFailure?> AttemptAsync(JobLease lease, CancellationToken abandon)
    {
        var job = lease.Job;
        if (!_handlers.TryGetValue(job.Kind, out var handler))
        {
            return await EndAsync(lease, null, new JobFailure("No worker here knows jobs of this kind.", null));
        }

        if (job.Attempt > job.MaximumAttempts)
        {
            // Nobody lived to say why: the earlier attempts ended with their workers.
            return await EndAsync(lease, handler, new JobFailure("Every attempt ended with its worker, without an outcome.", null));
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lease.Lost, abandon);
        try
        {
            await handler.HandleAsync(lease, stop.Token);
            await WriteAsync(lease.Write().Add(JobEnding.Succeeded(job)));
            return null;
        }
        catch (LeaseLostException)
        {
            throw;
        }
        catch (Exception) when (lease.Lost.IsCancellationRequested)
        {
            throw new LeaseLostException(job.Id);
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            await queue.ReleaseAsync(job, lease.Owner, CancellationToken.None);
            throw;
        }
        catch (Exception exception)
        {
            return await EndAsync(lease, handler, FailureOf(job, exception));
        }
    }

    private JobFailure FailureOf(Job job, Exception exception)
    {
        var known = exception as JobFailedException;
        var isLast = job.Attempt >= job.MaximumAttempts || known is { IsPermanent: true };
        var failure = new JobFailure(known?.Message ?? Unexplained, isLast ? null : backoff.After(job.Attempt));
        Log.Failed(
            logger,
            isLast ? LogLevel.Error : LogLevel.Warning,
            job.Attempt,
            job.MaximumAttempts,
            job.Kind,
            job.Id,
            failure.Sentence,
            known is null ? exception : known.InnerException);
        return failure;
    }

    private async Task<JobFailure> EndAsync(JobLease lease, IJobHandler? handler, JobFailure failure)
    {
        var writes = lease.Write();
        handler?.RecordFailure(writes, lease.Job, failure);
        writes.Add(failure.Retry is { } pause
            ? JobEnding.RetryAfter(pause, failure.Sentence)
            : JobEnding.Failed(lease.Job, failure.Sentence));
        await WriteAsync(writes);
        return failure;
    }

    // An outcome is written even when the process is asked to stop meanwhile.
    private async Task WriteAsync(LeasedWrites writes)
    {
        await using var connection = await platform.OpenAsync(CancellationToken.None);
        await writes.ExecuteAsync(connection, CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Job {Kind} {JobId} was given up: another worker has taken it over.")]
        public static partial void Lost(ILogger logger, string kind, Guid jobId);

        [LoggerMessage(2, LogLevel.Information, "Job {Kind} {JobId} was handed back: this process ends.")]
        public static partial void HandedBack(ILogger logger, string kind, Guid jobId);

        [LoggerMessage(3, LogLevel.Warning, "The outcome of job {Kind} {JobId} could not be written; it will be tried again when its lease has run out.")]
        public static partial void OutcomeNotWritten(ILogger logger, string kind, Guid jobId, Exception exception);

        [LoggerMessage(EventId = 4, Message = "Attempt {Attempt} of {MaximumAttempts} at job {Kind} {JobId} failed: {Sentence}")]
        public static partial void Failed(
            ILogger logger, LogLevel level, int attempt, int maximumAttempts, string kind, Guid jobId, string sentence, Exception? exception);
    }
}
