using ValidonX.Platform.Plans;

namespace ValidonX.Platform.Billing;

/// <summary>
/// Where periods begin and end, in UTC. They are counted from one moment, the anchor, and not each from the one before: one that was anchored on 31 January
/// ends on 28 February and then on 31 March.
/// </summary>
public static class BillingPeriods
{
    /// <summary>When the n-th period begins, counted from 0; it is the end of the one before.</summary>
    public static DateTimeOffset Start(DateTimeOffset anchor, int number, PlanPeriod period) => anchor.AddMonths(period == PlanPeriod.Year ? checked(12 * number) : number);

    /// <summary>The first moment of the calendar month (UTC) of a time, in which usage is counted.</summary>
    public static DateTimeOffset MonthOf(DateTimeOffset time) => new(time.UtcDateTime.Year, time.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
}
