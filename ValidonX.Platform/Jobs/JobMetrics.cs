using System.Diagnostics;
using System.Diagnostics.Metrics;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Platform.Jobs;

/// <summary>What the workers of this process report, by tenant: meter and activity source <c>ValidonX.Jobs</c>.</summary>
public sealed class JobMetrics : IDisposable
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "ValidonX.Jobs";

    /// <summary>One span for each attempt.</summary>
    public static readonly ActivitySource Activities = new(Name);

    private const string OutcomeTag = "validonx.outcome";

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _wait;
    private IReadOnlyList<WaitingJobs> _waiting = [];

    public JobMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _duration = _meter.CreateHistogram<double>("validonx.job.duration", "s", "How long an attempt took, by outcome.");
        _wait = _meter.CreateHistogram<double>("validonx.job.wait.duration", "s", "How long a job was due before an attempt began.");
        _meter.CreateObservableGauge(
            "validonx.job.queue.depth",
            () => Observe(waiting => waiting.Jobs),
            "{job}",
            "Jobs that wait for a worker or for their time.");
        _meter.CreateObservableGauge(
            "validonx.job.queue.age",
            () => Observe(waiting => TimeSpan.FromMicroseconds(waiting.DueMicroseconds).TotalSeconds),
            "s",
            "For how long the oldest waiting job has been due.");
    }

    /// <summary>Keeps what the gauges show until the next time.</summary>
    public void SetWaiting(IReadOnlyList<WaitingJobs> waiting) => Volatile.Write(ref _waiting, waiting);

    /// <summary>An attempt begins.</summary>
    public void Claimed(Job job) => _wait.Record(job.Waited.TotalSeconds, TagsOf(job.TenantId, job.TenantSlug, job.TenantPlan, job.Kind));

    /// <summary>An attempt has ended.</summary>
    public void Ended(Job job, TimeSpan duration, JobOutcome outcome)
    {
        var tags = TagsOf(job.TenantId, job.TenantSlug, job.TenantPlan, job.Kind);
        tags.Add(OutcomeTag, outcome switch
        {
            JobOutcome.Succeeded => "succeeded",
            JobOutcome.Retried => "retried",
            JobOutcome.Failed => "failed",
            JobOutcome.Lost => "lost",
            JobOutcome.HandedBack => "handed_back",
            _ => "unwritten",
        });
        _duration.Record(duration.TotalSeconds, tags);
    }

    public void Dispose() => _meter.Dispose();

    private static TagList TagsOf(Guid tenantId, string slug, string plan, string kind) => new()
    {
        { TenantTelemetry.JobKindTag, kind },
        { TenantTelemetry.IdTag, tenantId.ToString() },
        { TenantTelemetry.SlugTag, slug },
        { TenantTelemetry.PlanTag, plan },
    };

    private IEnumerable<Measurement<T>> Observe<T>(Func<WaitingJobs, T> value)
        where T : struct =>
        Volatile.Read(ref _waiting).Select(waiting => new Measurement<T>(
            value(waiting), TagsOf(waiting.TenantId, waiting.TenantSlug, waiting.TenantPlan, waiting.Kind)));
}
