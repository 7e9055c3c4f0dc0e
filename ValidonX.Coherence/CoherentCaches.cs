namespace ValidonX.Coherence;

/// <summary>The coherent caches of this process: makes them and tells them what changed.</summary>
public sealed class CoherentCaches
{
    private readonly TimeProvider _time;
    private readonly CoherenceMetrics _metrics;
    private readonly CoherenceOptions _options;
    private readonly Lock _gate = new();
    private ICoherentCache[] _all = [];

    internal CoherentCaches(TimeProvider time, CoherenceMetrics metrics, CoherenceOptions options)
    {
        (_time, _metrics, _options) = (time, metrics, options);
        View = new ReplicaView(time, options, BeginAnew);
        metrics.Observe(() => Volatile.Read(ref _all), View);
    }

    /// <summary>This process's view of what changed, and its lease on it.</summary>
    internal ReplicaView View { get; }

    /// <summary>Whether there is any.</summary>
    internal bool Exist => Volatile.Read(ref _all).Length > 0;

    /// <summary>Makes a cache that lives as long as the process.</summary>
    /// <exception cref="ArgumentException">The type is taken, or not of its form.</exception>
    public CoherentCache<TId, TValue> Create<TId, TValue>(CoherentCacheOptions<TValue> options)
        where TId : notnull, IEquatable<TId>, ISpanParsable<TId>
        where TValue : class
    {
        var cache = new CoherentCache<TId, TValue>(options, View, _options, _time, _metrics);
        lock (_gate)
        {
            if (_all.Any(other => other.Type == cache.Type))
            {
                throw new ArgumentException($"There is a cache of type '{cache.Type}' already.", nameof(options));
            }

            _all = [.. _all, cache];
        }

        return cache;
    }

    /// <summary>Drops what the changes make stale.</summary>
    internal void Apply(IEnumerable<Invalidation> changes)
    {
        var caches = Volatile.Read(ref _all);
        foreach (var change in changes)
        {
            foreach (var cache in caches)
            {
                switch (change.Scope)
                {
                    case InvalidationScope.Entry when cache.Type == change.Type:
                        cache.DropEntry(change.TenantId, change.Id);
                        break;
                    case InvalidationScope.Entry:
                        break;
                    case InvalidationScope.Tenant:
                        cache.DropTenant(change.TenantId);
                        break;
                    default:
                        cache.DropAll();
                        break;
                }
            }
        }
    }

    private void BeginAnew()
    {
        foreach (var cache in Volatile.Read(ref _all))
        {
            cache.BeginAnew();
        }
    }
}
