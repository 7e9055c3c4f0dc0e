using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// How each instrument is kept: bounds that tell a warm answer from a slow one, and room for as many series as it needs on purpose. What
/// carries a tenant has room for <see cref="TelemetryOptions.Tenants"/>; the SDK's 2 000 would lose the rest.
/// </summary>
internal static class MetricViews
{
    /// <summary>Series of an instrument without a tenant: the SDK's own limit, which nothing of ours comes near.</summary>
    public const int WithoutTenants = 2_000;

    private const string OurMeters = "ValidonX.";
    private const string RequestDuration = "http.server.request.duration";

    /// <summary>Instruments with a tenant, and the most series that one tenant is expected to have in each within one process.</summary>
    private static readonly Dictionary<string, int> PerTenant = new(StringComparer.Ordinal)
    {
        // Routes in use times statuses.
        [RequestDuration] = 16,
        // Requests and jobs.
        [DatabaseTime.Name] = 2,
        // Kinds of jobs times outcomes.
        ["validonx.job.duration"] = 6,
        ["validonx.job.wait.duration"] = 2,
        ["validonx.job.queue.depth"] = 2,
        ["validonx.job.queue.age"] = 2,
        // Twelve stages, and room for some that failed.
        ["validonx.provisioning.stage.duration"] = 16,
    };

    /// <summary>
    /// Left out of what the framework offers: each costs every request a measurement or several and tells nothing that
    /// <c>http.server.request.duration</c> of gateway and API or a meter of ours does not.
    /// </summary>
    private static readonly HashSet<string> Unwanted = new(StringComparer.Ordinal)
    {
        "http.server.active_requests", "http.client.request.duration", "http.client.active_requests", "http.client.open_connections", "http.client.request.time_in_queue",
        "aspnetcore.rate_limiting.active_request_leases", "aspnetcore.rate_limiting.request_lease.duration", "aspnetcore.rate_limiting.requests",
        "aspnetcore.rate_limiting.queued_requests", "aspnetcore.rate_limiting.request.time_in_queue", "aspnetcore.routing.match_attempts",
    };

    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>Without the scheme and the protocol's version, which multiply the series and tell nothing about a tenant.</summary>
    private static readonly string[] RequestTags =
    [
        "http.request.method", "http.response.status_code", "http.route", "error.type",
        TenantTelemetry.IdTag, TenantTelemetry.SlugTag, TenantTelemetry.PlanTag, TenantTelemetry.RefusedByTag,
    ];

    /// <summary>The view of an instrument.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="tenants">How many tenants there is room for.</param>
    public static MetricStreamConfiguration Of(Instrument instrument, int tenants)
    {
        if (Unwanted.Contains(instrument.Name) && !instrument.Meter.Name.StartsWith(OurMeters, StringComparison.Ordinal))
        {
            return MetricStreamConfiguration.Drop;
        }

        var view = instrument is Histogram<double> && instrument.Unit == "s"
            ? new ExplicitBucketHistogramConfiguration { Boundaries = Seconds }
            : new MetricStreamConfiguration();
        view.CardinalityLimit = PerTenant.TryGetValue(instrument.Name, out var series) ? Math.Max(WithoutTenants, series * tenants) : WithoutTenants;
        view.TagKeys = instrument.Name == RequestDuration ? RequestTags : null;
        return view;
    }
}
