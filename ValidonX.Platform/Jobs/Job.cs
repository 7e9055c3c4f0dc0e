namespace ValidonX.Platform.Jobs;

/// <summary>A piece of background work that this worker holds the lease of.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="TenantId">Whose work it is; never empty.</param>
/// <param name="Kind">Which handler runs it.</param>
/// <param name="Payload">The handler's JSON.</param>
/// <param name="Attempt">1 for the first try.</param>
/// <param name="MaximumAttempts">After this many the job has failed for good.</param>
/// <param name="TraceParent">The trace (W3C) that caused it.</param>
public sealed record Job(Guid Id, Guid TenantId, string Kind, string Payload, int Attempt, int MaximumAttempts, string? TraceParent)
{
    /// <summary>The tenant's short name.</summary>
    public string TenantSlug { get; init; } = "";

    /// <summary>The code of the tenant's plan.</summary>
    public string TenantPlan { get; init; } = "";

    /// <summary>How long it was due before this attempt began.</summary>
    public TimeSpan Waited { get; init; }
}
