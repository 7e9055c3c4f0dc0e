using System.Diagnostics;
using OpenTelemetry.Trace;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Decides at the start of a span. Only requests and jobs begin a trace: what runs by itself (probes, lease renewals, polls, upkeep)
/// makes no spans. What is not chosen here is recorded all the same, so that <see cref="LocalTraces"/> can keep it when it turns out to
/// have failed or to be slow.
/// </summary>
internal sealed class TraceSampler(TelemetryOptions options, TimeProvider time) : Sampler
{
    private static readonly SamplingResult Drop = new(SamplingDecision.Drop);
    private static readonly SamplingResult Record = new(SamplingDecision.RecordOnly);
    private static readonly SamplingResult Keep = new(SamplingDecision.RecordAndSample);

    private readonly TraceIdRatioBasedSampler _ratio = new(options.SampleRatio);
    private long _second = long.MinValue;
    private int _begun;

    /// <inheritdoc/>
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        var beginsHere = LocalTraces.Begins(samplingParameters.Kind);
        if (parent.TraceId == default)
        {
            return !beginsHere ? Drop
                : samplingParameters.Kind == ActivityKind.Consumer ? Keep
                : IsChosen(samplingParameters) ? Keep
                : Record;
        }

        // A request that was filtered out has children that ask here.
        if (!beginsHere && Activity.Current is { IsAllDataRequested: false })
        {
            return Drop;
        }

        return (parent.TraceFlags & ActivityTraceFlags.Recorded) != 0 ? Keep : Record;
    }

    private bool IsChosen(in SamplingParameters parameters) =>
        _ratio.ShouldSample(parameters).Decision == SamplingDecision.RecordAndSample && HasRoom();

    private bool HasRoom()
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        var seen = Volatile.Read(ref _second);
        if (seen != second && Interlocked.CompareExchange(ref _second, second, seen) == seen)
        {
            Volatile.Write(ref _begun, 0);
        }

        return Volatile.Read(ref _begun) < options.TracesPerSecond && Interlocked.Increment(ref _begun) <= options.TracesPerSecond;
    }
}
