using System.Diagnostics.Metrics;

namespace ValidonX.Gateway.Telemetry;

/// <summary>
/// How long it took to find out who calls, where memory did not know: meter <c>ValidonX.Resolution</c>. What memory knew is counted as
/// hits of its caches.
/// </summary>
internal sealed class ResolutionMetrics(IMeterFactory meters)
{
    private readonly Histogram<double> _duration = meters.Create("ValidonX.Resolution")
        .CreateHistogram<double>("validonx.resolution.duration", "s", "Time to find a caller that was not in memory.");

    /// <summary>An API key was looked for.</summary>
    public void Key(TimeSpan duration, bool isKnown) => Record(duration, "api_key", isKnown ? "found" : "unknown");

    /// <summary>A bearer token was resolved.</summary>
    public void Bearer(TimeSpan duration) => Record(duration, "bearer", "found");

    private void Record(TimeSpan duration, string caller, string outcome) => _duration.Record(
        duration.TotalSeconds,
        new KeyValuePair<string, object?>("validonx.caller", caller),
        new KeyValuePair<string, object?>("validonx.outcome", outcome));
}
