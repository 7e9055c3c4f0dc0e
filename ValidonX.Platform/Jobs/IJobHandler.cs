namespace ValidonX.Platform.Jobs;

/// <summary>Runs the jobs of one kind. Any attempt may be cut off at any instant and another worker then begins again.</summary>
public interface IJobHandler
{
    /// <summary>The kind.</summary>
    string Kind { get; }

    /// <summary>
    /// Runs one attempt. When it returns the job has succeeded. Whatever it writes in the platform database goes through
    /// <see cref="JobLease.Write"/>.
    /// </summary>
    /// <param name="lease">The job and the right to work on it.</param>
    /// <param name="cancellationToken">The lease is lost or the process stops; leave everything as it is.</param>
    /// <exception cref="JobFailedException">The attempt failed, for the reason given. Any other exception is a failure without a reason to show.</exception>
    /// <exception cref="LeaseLostException">Another worker has the job.</exception>
    Task HandleAsync(JobLease lease, CancellationToken cancellationToken);

    /// <summary>Adds what a failed attempt means for the thing that the job is about, to be written with the job's own outcome.</summary>
    void RecordFailure(LeasedWrites writes, Job job, JobFailure failure);
}
