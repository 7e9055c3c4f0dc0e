namespace ValidonX.Platform.Plans;

/// <summary>What a plan's price is for, as stored and as shown.</summary>
public enum PlanPeriod
{
    /// <summary>A month.</summary>
    Month,

    /// <summary>A year.</summary>
    Year,
}
