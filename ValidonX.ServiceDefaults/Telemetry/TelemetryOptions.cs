namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>Configuration section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Telemetry";

    /// <summary>
    /// Most series (distinct tag combinations) that one metric keeps. OpenTelemetry's 2 000 is too few where every tenant is a tag;
    /// beyond the limit measurements go to one series tagged <c>otel.metric.overflow</c>.
    /// </summary>
    public int MaximumSeriesPerMetric { get; set; } = 50_000;
}
