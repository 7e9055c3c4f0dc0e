using System.Diagnostics.Metrics;

namespace ValidonX.Coherence;

/// <summary>Meter <c>ValidonX.Coherence</c>.</summary>
internal sealed class CoherenceMetrics : IDisposable
{
    public const string MeterName = "ValidonX.Coherence";

    private const string CacheTag = "validonx.cache";

    private readonly Meter _meter;
    private readonly Histogram<double> _invalidations;
    private readonly Counter<long> _hits;
    private readonly Counter<long> _loads;
    private readonly Counter<long> _failedRenewals;
    private readonly Counter<long> _missed;

    public CoherenceMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _invalidations = _meter.CreateHistogram<double>(
            "validonx.coherence.invalidation.duration", "s", "Time until no replica could answer with the old value any more.");
        _hits = _meter.CreateCounter<long>("validonx.coherence.hits", "{read}", "Reads that the process cache answered.");
        _loads = _meter.CreateCounter<long>("validonx.coherence.loads", "{load}", "Reads that went past the process cache, with or without a lease.");
        _failedRenewals = _meter.CreateCounter<long>("validonx.coherence.renewals.failed", "{renewal}", "Renewals of the lease that failed.");
        _missed = _meter.CreateCounter<long>("validonx.coherence.messages.missed", "{gap}", "Times that messages were lost and the caches began anew.");
    }

    /// <summary>Shows the caches' sizes and the lease.</summary>
    public void Observe(Func<ICoherentCache[]> caches, ReplicaView view)
    {
        _meter.CreateObservableGauge(
            "validonx.coherence.entries",
            () => caches().SelectMany(cache => new Measurement<long>[]
            {
                new(cache.ValueCount, new(CacheTag, cache.Type), new("validonx.kind", "value")),
                new(cache.NegativeCount, new(CacheTag, cache.Type), new("validonx.kind", "negative")),
            }),
            "{entry}",
            "Entries that the process caches hold.");
        _meter.CreateObservableGauge("validonx.coherence.lease", () => view.IsValid ? 1 : 0, "{lease}", "1 while this process may use its caches.");
        _meter.CreateObservableGauge(
            "validonx.coherence.grace",
            () => view.IsGraceOn && !view.IsValid ? 1 : 0,
            "{grace}",
            "1 while this process, without a lease, may use what it has loaded a moment ago.");
    }

    public void Invalidated(TimeSpan duration, InvalidationOutcome outcome) =>
        _invalidations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("validonx.outcome", outcome switch
        {
            InvalidationOutcome.Acknowledged => "acknowledged",
            InvalidationOutcome.Lapsed => "lapsed",
            _ => "unannounced",
        }));

    public void Hit(in KeyValuePair<string, object?> cache) => _hits.Add(1, cache);

    /// <summary>The tag that names a cache; made once, since a hit allocates nothing.</summary>
    public static KeyValuePair<string, object?> TagOf(string cache) => new(CacheTag, cache);

    public void Loading(string cache, bool leased) => _loads.Add(1, new(CacheTag, cache), new("validonx.leased", leased));

    public void RenewalFailed() => _failedRenewals.Add(1);

    public void Missed() => _missed.Add(1);

    public void Dispose() => _meter.Dispose();
}
