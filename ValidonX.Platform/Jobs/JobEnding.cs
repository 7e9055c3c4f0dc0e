using System.Runtime.CompilerServices;

namespace ValidonX.Platform.Jobs;

/// <summary>The statements that end an attempt, for <see cref="LeasedWrites"/>.</summary>
internal static class JobEnding
{
    // @job and @owner are the lease's. A queue that somebody else has locked stays as it is: due too early, which the next claim of it mends.
    private const string End =
        $$"""
        UPDATE jobs SET status = {0}, due_at = NULL, lease_owner = NULL, error = {1}, finished_at = UTC_TIMESTAMP(6) WHERE id = @job;
        INSERT INTO queue_claims (owner, tenant_id) SELECT @owner, tenant_id FROM job_queues WHERE tenant_id = {2} FOR UPDATE SKIP LOCKED;
        {{QueueRow.BringIntoStep}};
        DELETE FROM queue_claims WHERE owner = @owner
        """;

    /// <summary>Ends the job well.</summary>
    public static FormattableString Succeeded(Job job) => FormattableStringFactory.Create(End, JobStatus.Succeeded, null, job.TenantId);

    /// <summary>Ends the job badly, for good.</summary>
    public static FormattableString Failed(Job job, string error) => FormattableStringFactory.Create(End, JobStatus.Failed, error, job.TenantId);

    /// <summary>Puts the job back to run again after a pause.</summary>
    public static FormattableString RetryAfter(TimeSpan pause, string error) => FormattableStringFactory.Create(
        $$"""
        UPDATE jobs SET status = 'pending', lease_owner = NULL, error = {0}, due_at = UTC_TIMESTAMP(6) + INTERVAL {1} MICROSECOND WHERE id = @job;
        {{QueueRow.MakeDue}}
        """,
        error,
        (long)pause.TotalMicroseconds);
}
