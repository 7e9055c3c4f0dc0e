namespace ValidonX.Platform.Jobs;

/// <summary>The waiting jobs of one kind of one tenant.</summary>
public sealed record WaitingJobs
{
    /// <summary>Whose.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>The tenant's short name.</summary>
    public required string TenantSlug { get; init; }

    /// <summary>The code of the tenant's plan.</summary>
    public required string TenantPlan { get; init; }

    /// <summary>The kind.</summary>
    public required string Kind { get; init; }

    /// <summary>How many.</summary>
    public required long Jobs { get; init; }

    /// <summary>For how many microseconds the oldest of them has been due; 0 when none is yet.</summary>
    public required long DueMicroseconds { get; init; }
}
