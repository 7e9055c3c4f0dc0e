namespace ValidonX.Platform.Jobs;

/// <summary>
/// Another worker has, or may have, taken the job over. Whatever was being written is rolled back, and the job is no longer this
/// worker's concern: not to finish, nor to fail.
/// </summary>
public sealed class LeaseLostException(Guid jobId) : Exception($"The lease of job {jobId} is lost.");
