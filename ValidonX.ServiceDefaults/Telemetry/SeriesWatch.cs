using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Says when a metric has had more series than there is room for, so that nothing is lost in silence: a warning, and the gauge
/// <c>validonx.telemetry.overflow</c>, 1 for each such metric. Meter <c>ValidonX.Telemetry</c>.
/// </summary>
internal sealed partial class SeriesWatch
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ValidonX.Telemetry";

    /// <summary>Name of the gauge.</summary>
    public const string GaugeName = "validonx.telemetry.overflow";

    private const string Overflow = "otel.metric.overflow";

    // The SDK keeps what has no tags and what overflows ahead of everything else.
    private const int Leading = 2;

    private readonly ConcurrentDictionary<string, bool> _overflowing = new(StringComparer.Ordinal);
    private readonly ILogger<SeriesWatch> _logger;

    public SeriesWatch(IMeterFactory meters, ILogger<SeriesWatch> logger)
    {
        _logger = logger;
        meters.Create(MeterName).CreateObservableGauge(
            GaugeName,
            () => _overflowing.Keys.Select(metric => new Measurement<int>(1, new KeyValuePair<string, object?>("validonx.metric", metric))),
            "{metric}",
            "1 for each metric that has more series than there is room for; Telemetry:Tenants makes room.");
    }

    /// <summary>Looks at a metric that is about to be exported.</summary>
    public void Look(Metric metric)
    {
        var seen = 0;
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            if (seen++ == Leading)
            {
                return;
            }

            foreach (var tag in point.Tags)
            {
                if (tag.Key == Overflow && _overflowing.TryAdd(metric.Name, true))
                {
                    Log.Overflowing(_logger, metric.Name);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The metric {Metric} has more series than there is room for: what is new goes to one series tagged otel.metric.overflow. Raise Telemetry:Tenants.")]
        public static partial void Overflowing(ILogger logger, string metric);
    }
}
