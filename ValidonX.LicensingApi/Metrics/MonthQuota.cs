using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Metrics;

/// <summary>What has been used of the calls that the tenant's apps may make in the running month.</summary>
/// <param name="From">Where the month begins.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Calls">How many were made, refused ones left out, as the gateways had counted some seconds ago; null where there is no quota, for which nothing is counted.</param>
/// <param name="Quota">How many may be made; null: any number.</param>
/// <param name="Percent">How much of them that is; null where there is no quota.</param>
internal sealed record MonthQuota(
    DateTimeOffset From, DateTimeOffset To, [property: Example("61250")] long? Calls, [property: Example("100000")] long? Quota, [property: Example("61.3")] double? Percent)
{
    public static MonthQuota Of(DateTimeOffset from, long calls, long? quota) =>
        quota is { } most
            ? new(from, from.AddMonths(1), calls, most, most == 0 ? 100 : Math.Round(calls * 100.0 / most, 1))
            : new(from, from.AddMonths(1), null, null, null);
}
