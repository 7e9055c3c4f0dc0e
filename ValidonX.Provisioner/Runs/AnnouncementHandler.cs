using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;

namespace ValidonX.Provisioner.Runs;

/// <summary>Runs the jobs of kind <c>announce</c>: a provisioned tenant of which the gateways could not be told at once.</summary>
internal sealed class AnnouncementHandler(PlatformDatabase platform, TenantAnnouncement announcement) : IJobHandler
{
    /// <summary>The jobs' kind.</summary>
    public const string JobKind = "announce";

    /// <summary>With the default pauses, weeks: longer than any cache remembers.</summary>
    public const int MaximumAttempts = 10_000;

    public string Kind => JobKind;

    public async Task HandleAsync(JobLease lease, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        try
        {
            await announcement.MakeAsync(connection, lease.Job.TenantId, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new JobFailedException("The gateways cannot be told of the tenant yet.", inner: failure);
        }
    }

    public void RecordFailure(LeasedWrites writes, Job job, JobFailure failure)
    {
        // The tenant is in service all the same; gateways learn it when what they remember has had its time.
    }
}
