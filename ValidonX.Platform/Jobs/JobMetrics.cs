using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ValidonX.Platform.Jobs;

/// <summary>What the workers of this process report: meter and activity source <c>ValidonX.Jobs</c>.</summary>
internal sealed class JobMetrics : IDisposable
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "ValidonX.Jobs";

    /// <summary>One span for each attempt.</summary>
    public static readonly ActivitySource Activities = new(Name);

    private readonly Meter _meter;
    private readonly Counter<long> _claimed;
    private readonly Counter<long> _succeeded;
    private readonly Counter<long> _retried;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _lost;
    private readonly Histogram<double> _duration;
    private readonly ObservableGauge<long> _depth;
    private IReadOnlyList<(string Kind, long Jobs)> _depths = [];

    public JobMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _claimed = _meter.CreateCounter<long>("validonx.jobs.claimed", "{attempt}", "Attempts begun.");
        _succeeded = _meter.CreateCounter<long>("validonx.jobs.succeeded", "{job}", "Jobs that ended well.");
        _retried = _meter.CreateCounter<long>("validonx.jobs.retried", "{attempt}", "Attempts that failed and will be repeated.");
        _failed = _meter.CreateCounter<long>("validonx.jobs.failed", "{job}", "Jobs that have failed for good.");
        _lost = _meter.CreateCounter<long>("validonx.jobs.lost", "{attempt}", "Attempts given up because another worker had taken the job over.");
        _duration = _meter.CreateHistogram<double>("validonx.jobs.duration", "s", "How long an attempt took.");
        _depth = _meter.CreateObservableGauge("validonx.jobs.queue_depth", Depths, "{job}", "Jobs that wait for a worker or for their time.");
    }

    /// <summary>Whether anybody looks at the depth, so that it is worth a query.</summary>
    public bool WantsDepths => _depth.Enabled;

    /// <summary>Keeps what the gauge shows until the next time.</summary>
    public void SetDepths(IReadOnlyList<(string Kind, long Jobs)> depths) => Volatile.Write(ref _depths, depths);

    public void Claimed(in TagList tags) => _claimed.Add(1, tags);

    public void Succeeded(in TagList tags) => _succeeded.Add(1, tags);

    public void Retried(in TagList tags) => _retried.Add(1, tags);

    public void Failed(in TagList tags) => _failed.Add(1, tags);

    public void Lost(in TagList tags) => _lost.Add(1, tags);

    public void Took(TimeSpan duration, in TagList tags) => _duration.Record(duration.TotalSeconds, tags);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Depths() =>
        Volatile.Read(ref _depths).Select(depth => new Measurement<long>(depth.Jobs, new KeyValuePair<string, object?>("job.kind", depth.Kind)));
}
