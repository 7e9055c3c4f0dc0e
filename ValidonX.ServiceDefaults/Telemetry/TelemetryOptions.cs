using System.ComponentModel.DataAnnotations;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>Configuration section <c>Telemetry</c>; see docs/decisions/0017-telemetry.md.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Telemetry";

    /// <summary>The share of traces that are kept whatever becomes of them, 0 to 1. Errors, slow requests and jobs are kept beyond it.</summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; set; } = 1;

    /// <summary>
    /// Most ordinary traces that this process begins to keep in a second, so that a flood of good requests does not become a flood of spans.
    /// Errors, slow requests and jobs are not counted.
    /// </summary>
    [Range(0, 1_000_000)]
    public int TracesPerSecond { get; set; } = 100;

    /// <summary>A request or job that took at least this long is kept.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan SlowAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a stopping process tries to send what is left, all signals at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan StopPatience { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How many tenants the metrics make room for. Series beyond that go to one tagged <c>otel.metric.overflow</c>, which is logged and
    /// counted (<c>validonx.telemetry.overflow</c>).
    /// </summary>
    [Range(1, 100_000)]
    public int Tenants { get; set; } = 5_000;
}
