using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Jobs;

namespace ValidonX.LicensingApi.Jobs;

/// <summary>A piece of background work.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TenantId">Whose work it is.</param>
/// <param name="TenantSlug">The tenant's short name.</param>
/// <param name="Kind">What is to be done.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="MaxAttempts">How often it is tried before it has failed.</param>
/// <param name="DueAt">When it is to be tried next, if it waits.</param>
/// <param name="LeaseUntil">When another worker takes it over, unless the one that is at it goes on.</param>
/// <param name="Error">What went wrong last.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="FinishedAt">When it ended.</param>
internal sealed record ShownJob(
    Guid Id,
    Guid TenantId,
    [property: Example("acme")] string? TenantSlug,
    [property: Example("provision")] string Kind,
    [property: Words(JobStatus.Pending, JobStatus.Running, JobStatus.Succeeded, JobStatus.Failed, JobStatus.Canceled)] string Status,
    int Attempts,
    int MaxAttempts,
    DateTimeOffset? DueAt,
    DateTimeOffset? LeaseUntil,
    string? Error,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt);

/// <summary>Which jobs a list shows.</summary>
internal sealed record JobFilter : ListQuery
{
    /// <summary>Only those that are so far.</summary>
    [Words(JobStatus.Pending, JobStatus.Running, JobStatus.Succeeded, JobStatus.Failed, JobStatus.Canceled)]
    public string? Status { get; init; }

    /// <summary>Only those of this kind.</summary>
    [Code(64)]
    [Example("provision")]
    public string? Kind { get; init; }

    /// <summary>Only those of this tenant.</summary>
    public Guid? TenantId { get; init; }
}

/// <summary>The answer that holds one job.</summary>
internal sealed record JobAnswer(ShownJob Job);
