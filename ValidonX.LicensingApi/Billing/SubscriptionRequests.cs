using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Plans;

namespace ValidonX.LicensingApi.Billing;

/// <summary>When a change of plan is to be.</summary>
internal enum ChangeMoment
{
    /// <summary>At once, and what is left of the period is settled to the cent.</summary>
    Now,

    /// <summary>When the current period ends.</summary>
    PeriodEnd,
}

/// <summary>Another plan.</summary>
internal sealed record PlanChange : IRequest
{
    /// <summary>The plan's code. The plan that it is already takes back what was planned for the period's end.</summary>
    [PlanCode]
    [Example("pro")]
    public required string Plan { get; init; }

    /// <summary>When.</summary>
    public ChangeMoment When { get; init; } = ChangeMoment.Now;
}

/// <summary>The end of a subscription.</summary>
internal sealed record Cancellation : IRequest
{
    /// <inheritdoc/>
    public static bool IsOptional => true;

    /// <summary>Whether it lasts until the end of the period that was paid for; else it ends at once, and nothing is paid back.</summary>
    public bool AtPeriodEnd { get; init; } = true;
}
