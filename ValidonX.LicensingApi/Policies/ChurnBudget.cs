using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Policies;

/// <summary>
/// How often the seats of a license may go from one machine to another: by taking one over, or by giving one up and taking it elsewhere. What its vendor frees, and leases that
/// ran out or were given back, count nothing.
/// </summary>
internal sealed record ChurnBudget
{
    /// <summary>So many times.</summary>
    [Whole(0, 10_000)]
    [Example("3")]
    public required int Activations { get; init; }

    /// <summary>Within so many days, counted back from now.</summary>
    [Whole(1, 3_650)]
    [Example("30")]
    public required int PerDays { get; init; }

    /// <summary>And not before so many hours after the time before.</summary>
    [Whole(0, 8_760)]
    [Example("12")]
    public int CoolDownHours { get; init; }
}
