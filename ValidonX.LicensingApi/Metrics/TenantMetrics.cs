using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Rollups;

namespace ValidonX.LicensingApi.Metrics;

/// <summary>What callers have experienced.</summary>
/// <param name="From">Where the first step begins.</param>
/// <param name="To">Where the last step ends.</param>
/// <param name="Step">How many seconds each value stands for.</param>
/// <param name="Series">The values over time, oldest first, one for each step.</param>
/// <param name="Totals">All of it together.</param>
/// <param name="Endpoints">The endpoints of the hours that are touched, the most called first.</param>
internal sealed record TenantMetrics(
    DateTimeOffset From, DateTimeOffset To, [property: Example("60")] int Step, MetricSeries Series, MetricTotals Totals, IReadOnlyList<EndpointMetrics> Endpoints)
{
    private const int MostEndpoints = 20;

    /// <summary>The running month's calls against their quota; null of all tenants together, and while it cannot be told.</summary>
    public MonthQuota? Month { get; init; }

    public static TenantMetrics Of(DateTime from, DateTime to, TimeSpan step, UseSeries series)
    {
        var sum = series.Sum();
        return new TenantMetrics(
            new DateTimeOffset(from),
            new DateTimeOffset(to),
            (int)step.TotalSeconds,
            MetricSeries.Of(series.Steps),
            new MetricTotals(
                sum.Requests, sum.Errors, sum.Refused, new RefusalMetrics(sum.RefusedByKey, sum.RefusedByTenant, sum.RefusedByEndpoint), sum.Percentile(0.5), sum.Percentile(0.95), sum.Percentile(0.99)),
            [.. series.Routes.Take(MostEndpoints).Select(EndpointMetrics.Of)]);
    }
}

/// <summary>Values over time.</summary>
/// <param name="Requests">Requests that were answered, refused ones included.</param>
/// <param name="Errors">Answers of 500 and above.</param>
/// <param name="Refused">Requests that a rate limit refused.</param>
/// <param name="P50Ms">Half of the requests took less than this many milliseconds; null where there was none. Right to an eighth.</param>
/// <param name="P95Ms">95 of 100 requests took less than this many milliseconds.</param>
/// <param name="P99Ms">99 of 100 requests took less than this many milliseconds.</param>
/// <param name="DatabaseMs">For how many milliseconds requests and jobs had a connection to the tenant's database.</param>
/// <param name="QueueDepth">The most background jobs that waited at one moment.</param>
/// <param name="QueueAgeS">For how many seconds a job had been due at most.</param>
internal sealed record MetricSeries(
    IReadOnlyList<MetricValue> Requests,
    IReadOnlyList<MetricValue> Errors,
    IReadOnlyList<MetricValue> Refused,
    IReadOnlyList<MetricValue> P50Ms,
    IReadOnlyList<MetricValue> P95Ms,
    IReadOnlyList<MetricValue> P99Ms,
    IReadOnlyList<MetricValue> DatabaseMs,
    IReadOnlyList<MetricValue> QueueDepth,
    IReadOnlyList<MetricValue> QueueAgeS)
{
    public static MetricSeries Of(IReadOnlyList<(DateTime At, Use Use)> steps)
    {
        return new MetricSeries(
            Values(use => use.Requests),
            Values(use => use.Errors),
            Values(use => use.Refused),
            Values(use => use.Percentile(0.5)),
            Values(use => use.Percentile(0.95)),
            Values(use => use.Percentile(0.99)),
            Values(use => Math.Round(use.Database.TotalMilliseconds, 3)),
            Values(use => use.QueueDepth),
            Values(use => use.QueueAge));

        IReadOnlyList<MetricValue> Values(Func<Use, double?> value) => [.. steps.Select(step => new MetricValue(new DateTimeOffset(step.At), value(step.Use)))];
    }
}

/// <summary>A value.</summary>
/// <param name="At">Where its step begins.</param>
/// <param name="Value">The value; null where there was nothing to measure.</param>
internal sealed record MetricValue(DateTimeOffset At, [property: Example("12")] double? Value);

/// <summary>All of it together.</summary>
/// <param name="Requests">Requests that were answered, refused ones included.</param>
/// <param name="Errors">Answers of 500 and above.</param>
/// <param name="Refused">Requests that a rate limit refused.</param>
/// <param name="RefusedBy">Which limit refused them.</param>
/// <param name="P50Ms">Half of the requests took less than this many milliseconds; null where there was none.</param>
/// <param name="P95Ms">95 of 100 requests took less than this many milliseconds.</param>
/// <param name="P99Ms">99 of 100 requests took less than this many milliseconds.</param>
internal sealed record MetricTotals(long Requests, long Errors, long Refused, RefusalMetrics RefusedBy, double? P50Ms, double? P95Ms, double? P99Ms);

/// <summary>Which limit refused how many.</summary>
/// <param name="Key">That of the API key.</param>
/// <param name="Tenant">That of the tenant's month.</param>
/// <param name="Endpoint">That of the endpoint.</param>
internal sealed record RefusalMetrics(long Key, long Tenant, long Endpoint);

/// <summary>What an endpoint was called for.</summary>
/// <param name="Route">Its route.</param>
/// <param name="Requests">Requests that were answered.</param>
/// <param name="Errors">Answers of 500 and above.</param>
/// <param name="MeanMs">How many milliseconds one took on average.</param>
internal sealed record EndpointMetrics([property: Example("/v1/integration/activations")] string Route, long Requests, long Errors, double MeanMs)
{
    public static EndpointMetrics Of(RouteUse use) =>
        new(use.Route, use.Requests, use.Errors, Math.Round(use.Duration.TotalMilliseconds / Math.Max(1, use.Requests), 3));
}
