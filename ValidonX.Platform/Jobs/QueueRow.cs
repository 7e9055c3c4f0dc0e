namespace ValidonX.Platform.Jobs;

/// <summary>The statements that keep a tenant's row of <c>job_queues</c> in step with its jobs, in the transaction that changes those.</summary>
internal static class QueueRow
{
    /// <summary>After <c>@job</c> was written: its queue has work, at the latest when that job is due.</summary>
    public const string MakeDue =
        """
        INSERT INTO job_queues (tenant_id, waiting, next_at) SELECT j.tenant_id, 1, j.due_at FROM jobs j WHERE j.id = @job
        ON DUPLICATE KEY UPDATE waiting = 1, next_at = LEAST(job_queues.next_at, j.due_at)
        """;

    /// <summary>
    /// Makes the row that <c>@owner</c> has locked and entered in <c>queue_claims</c> exact. It reads the jobs after the lock was taken, and
    /// whoever adds one asks for the lock afterwards; so a job is either seen here or makes the row due itself.
    /// </summary>
    public const string BringIntoStep =
        """
        UPDATE queue_claims c JOIN job_queues q ON q.tenant_id = c.tenant_id
        SET q.waiting = EXISTS (SELECT 1 FROM jobs j WHERE j.tenant_id = c.tenant_id AND j.due_at IS NOT NULL),
          q.next_at = COALESCE(
            (SELECT j.due_at FROM jobs j WHERE j.tenant_id = c.tenant_id AND j.due_at IS NOT NULL ORDER BY j.tenant_id, j.due_at LIMIT 1), q.next_at)
        WHERE c.owner = @owner
        """;
}
