using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>The OTLP exporter, which looks at what leaves and says when nobody takes it.</summary>
internal sealed partial class MetricExporter(OtlpExporterOptions options, SeriesWatch series, ILogger<MetricExporter> logger) : OtlpMetricExporter(options)
{
    private bool _isAway;

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> metrics)
    {
        foreach (var metric in metrics)
        {
            series.Look(metric);
        }

        var result = base.Export(metrics);
        var isAway = result == ExportResult.Failure;
        if (isAway != _isAway)
        {
            _isAway = isAway;
            if (isAway)
            {
                Log.Away(logger);
            }
            else
            {
                Log.Back(logger);
            }
        }

        return result;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The collector that OTEL_EXPORTER_OTLP_ENDPOINT names does not take telemetry: spans and log lines are lost meanwhile, requests are not affected.")]
        public static partial void Away(ILogger logger);

        [LoggerMessage(2, LogLevel.Information, "The collector takes telemetry again.")]
        public static partial void Back(ILogger logger);
    }
}
