namespace ValidonX.Platform.Plans;

/// <summary>The job that brings what a tenant's plan allows into the tenant's database: kind <c>apply_plan</c>, no payload.</summary>
public static class ApplyPlanJob
{
    /// <summary>The job's kind.</summary>
    public const string Kind = "apply_plan";

    /// <summary>Tries before it has failed; the next look at the fleet enters a new one.</summary>
    public const int MaximumAttempts = 20;
}
