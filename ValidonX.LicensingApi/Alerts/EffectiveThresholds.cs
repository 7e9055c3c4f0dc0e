using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Alerts;

/// <summary>From when on something is an alert, and who says so.</summary>
/// <param name="NoisyPercent">`noisy_neighbor`: above so many percent of the median of active tenants.</param>
/// <param name="NoisyRequests">`noisy_neighbor`: and with at least so many requests in the running minute and the one before.</param>
/// <param name="ErrorPercent">`error_rate`: so many percent of the requests were answered with 500 and above.</param>
/// <param name="P95Ms">`latency_p95`: one request in twenty took so many milliseconds or more.</param>
/// <param name="MinimumRequests">`error_rate` and `latency_p95`: below so many requests nothing is judged.</param>
/// <param name="QueueAgeS">`queue_age`: a background job has been due for so many seconds.</param>
/// <param name="QuotaPercent">`quota_near`: so many percent of the month's calls are used up.</param>
internal sealed record EffectiveThresholds(
    EffectiveThreshold NoisyPercent,
    EffectiveThreshold NoisyRequests,
    EffectiveThreshold ErrorPercent,
    EffectiveThreshold P95Ms,
    EffectiveThreshold MinimumRequests,
    EffectiveThreshold QueueAgeS,
    EffectiveThreshold QuotaPercent)
{
    /// <summary>Of each the first that is said.</summary>
    public static EffectiveThresholds Of(params IReadOnlyList<(string Source, AlertThresholds? Thresholds)> inOrder)
    {
        return new(
            First(one => one.NoisyPercent),
            First(one => one.NoisyRequests),
            First(one => one.ErrorPercent),
            First(one => one.P95Ms),
            First(one => one.MinimumRequests),
            First(one => one.QueueAgeS),
            First(one => one.QuotaPercent));

        EffectiveThreshold First(Func<AlertThresholds, long?> value) =>
            inOrder.Where(one => one.Thresholds is not null).Select(one => new EffectiveThreshold(value(one.Thresholds!), one.Source)).FirstOrDefault(one => one.Value is not null) ?? new(null, null);
    }
}

/// <summary>A threshold that is in force.</summary>
/// <param name="Value">It; null while no provisioner has judged anything yet.</param>
/// <param name="Source">Who says so: the `tenant`'s own, its `plan`'s, or the `platform`'s configuration.</param>
internal sealed record EffectiveThreshold(
    [property: Example("5")] long? Value, [property: Words(ThresholdSource.Tenant, ThresholdSource.Plan, ThresholdSource.Platform)] string? Source);

/// <summary>Who says from when on something is an alert.</summary>
internal static class ThresholdSource
{
    public const string Tenant = "tenant";
    public const string Plan = "plan";
    public const string Platform = "platform";
}
