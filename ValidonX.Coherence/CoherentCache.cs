namespace ValidonX.Coherence;

/// <summary>
/// A bounded cache of this process that never answers with what a completed <see cref="ICoherence.InvalidateAsync"/> made stale, on
/// whichever replica that was called. A warm hit takes no lock, allocates nothing and leaves the process never. While the process has no
/// valid lease on its view a value is good for the moment of <see cref="CoherenceOptions.Grace"/> after its load, and one in use is loaded again ahead
/// of that; without that grace every read goes to the source and nothing is kept. Made by <see cref="CoherentCaches.Create"/>.
/// </summary>
/// <typeparam name="TId">
/// Its text, parsed by <see cref="ISpanParsable{TSelf}"/>, is the id in <see cref="Invalidation"/>s; when that fails to parse, the whole cache is dropped.
/// </typeparam>
/// <typeparam name="TValue">An immutable value: all callers share it.</typeparam>
public sealed class CoherentCache<TId, TValue> : ICoherentCache
    where TId : notnull, IEquatable<TId>, ISpanParsable<TId>
    where TValue : class
{
    /// <summary>How many loads ahead of need go on at a time: what is due at the same moment is spread out instead of keeping the requests from the processor.</summary>
    private const int MostLoadsAhead = 4;

    private readonly CoherentCacheOptions<TValue> _options;
    private readonly ReplicaView _view;
    private readonly TimeProvider _time;
    private readonly CoherenceMetrics _metrics;
    private readonly KeyValuePair<string, object?> _tag;
    private readonly long _timeToLive;
    private readonly long _negativeTimeToLive;
    private readonly long _grace;
    private readonly long _loadAgainAfter;
    private readonly Lock _gate = new();
    private readonly Dictionary<CacheKey<TId>, CacheFlight<TValue>> _flights = [];
    private volatile CacheTable<TId, TValue> _table;
    private int _loadsAhead;

    internal CoherentCache(CoherentCacheOptions<TValue> options, ReplicaView view, CoherenceOptions coherence, TimeProvider time, CoherenceMetrics metrics)
    {
        (_options, _view, _time, _metrics) = (options, view, time, metrics);
        Type = CacheNames.CheckedType(options.Type);
        _tag = CoherenceMetrics.TagOf(Type);
        _timeToLive = TimestampsIn(options.TimeToLive);
        _negativeTimeToLive = TimestampsIn(options.NegativeTimeToLive);
        _grace = TimestampsIn(coherence.UsableGrace);
        _loadAgainAfter = TimestampsIn(coherence.LoadAgainAfter);
        _table = new(options);
    }

    public string Type { get; }

    public int ValueCount => _table.ValueCount;

    public int NegativeCount => _table.NegativeCount;

    /// <summary>
    /// True when the answer is known here and now. <paramref name="value"/> is then the value, or null when it is known not to exist. Without a lease
    /// also false when it is time to load it again, which <see cref="GetAsync"/> does.
    /// </summary>
    public bool TryGet(in CacheKey<TId> key, out TValue? value)
    {
        var now = _time.GetTimestamp();
        if (!_table.TryFind(in key, now, _view.FreshFrom(now, _loadAgainAfter), out value))
        {
            return false;
        }

        _metrics.Hit(in _tag);
        return true;
    }

    /// <summary>
    /// The value, from here or by <paramref name="load"/>; null when it does not exist. Concurrent misses of a key share one load, but
    /// never one that a change or a lost lease has overtaken. Without a lease nobody waits for a load that is made ahead of need.
    /// </summary>
    /// <param name="key">Which value.</param>
    /// <param name="load">
    /// Reads the source as of now; null for "does not exist". Its token ends with <see cref="CoherentCacheOptions{TValue}.LoadTimeout"/>, not with the caller's.
    /// </param>
    /// <param name="cancellationToken">Ends this caller's wait; the load goes on for the others.</param>
    /// <exception cref="TimeoutException">The load took too long.</exception>
    public ValueTask<TValue?> GetAsync(
        CacheKey<TId> key,
        Func<CacheKey<TId>, CancellationToken, Task<TValue?>> load,
        CancellationToken cancellationToken) =>
        TryGet(in key, out var value) ? new(value) : FindAsync(key, load, cancellationToken);

    void ICoherentCache.DropEntry(Guid tenantId, string id)
    {
        if (!TId.TryParse(id, null, out var parsed))
        {
            Empty();
            return;
        }

        var key = new CacheKey<TId>(tenantId, parsed);
        lock (_gate)
        {
            if (_flights.Remove(key, out var flight))
            {
                flight.Fence();
            }

            _table.Remove(in key);
        }
    }

    void ICoherentCache.DropTenant(Guid tenantId)
    {
        lock (_gate)
        {
            // The owner of what is being loaded under a platform key is not known yet: it may be this tenant.
            FenceWhere(key => key.TenantId == tenantId || (_options.Owner is not null && key.TenantId == Guid.Empty));
            _table.DropTenant(tenantId);
        }
    }

    void ICoherentCache.DropAll() => Empty();

    private void Empty()
    {
        lock (_gate)
        {
            FenceWhere(_ => true);
            _table = new(_options);
        }
    }

    void ICoherentCache.BeginAnew()
    {
        lock (_gate)
        {
            FenceWhere(_ => true);
            // In the grace some of it is still good for a moment, and loaded again meanwhile instead of by all who ask for it at once.
            if (!_view.IsGraceOn)
            {
                _table = new(_options);
            }
        }
    }

    private ValueTask<TValue?> FindAsync(CacheKey<TId> key, Func<CacheKey<TId>, CancellationToken, Task<TValue?>> load, CancellationToken cancellationToken)
    {
        var now = _time.GetTimestamp();
        var usableFrom = _view.UsableFrom(now, _grace);
        if (_view.Grace.IsOn(now) && _table.TryFind(in key, now, usableFrom, out var value))
        {
            LoadAhead(key, load);
            return new(value);
        }

        return new(LoadAsync(key, usableFrom, load).WaitAsync(cancellationToken));
    }

    /// <summary>Begins to load what is still good, unless enough of that is going on: then a later reader does.</summary>
    private void LoadAhead(CacheKey<TId> key, Func<CacheKey<TId>, CancellationToken, Task<TValue?>> load)
    {
        if (Volatile.Read(ref _loadsAhead) >= MostLoadsAhead)
        {
            return;
        }

        var flight = new CacheFlight<TValue> { IsAhead = true };
        lock (_gate)
        {
            if (_loadsAhead >= MostLoadsAhead || !_flights.TryAdd(key, flight))
            {
                return;
            }

            _loadsAhead++;
        }

        _ = RunAsync(key, flight, after: null, load);
    }

    private Task<TValue?> LoadAsync(CacheKey<TId> key, long usableFrom, Func<CacheKey<TId>, CancellationToken, Task<TValue?>> load)
    {
        CacheFlight<TValue> flight;
        CacheFlight<TValue>? after = null;
        lock (_gate)
        {
            if (!_flights.TryGetValue(key, out var running))
            {
                flight = _flights[key] = new();
            }
            else if (running.BeganAt >= usableFrom)
            {
                // Any change since its start would have fenced it and taken it out, or whoever made it waits for the grace.
                return running.Result;
            }
            else if (running.Next is { } waiting)
            {
                return waiting.Result;
            }
            else
            {
                // Without a lease changes do not reach us, so a load is good only for those who came before its start or within the grace
                // after it: the later ones share the next. One load at a time and key is what the source has to bear.
                flight = running.Next = new();
                after = running;
            }
        }

        _ = RunAsync(key, flight, after, load);
        return flight.Result;
    }

    private async Task RunAsync(CacheKey<TId> key, CacheFlight<TValue> flight, CacheFlight<TValue>? after, Func<CacheKey<TId>, CancellationToken, Task<TValue?>> load)
    {
        try
        {
            if (after is not null)
            {
                await ((Task)after.Result).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            Begin(flight);
            using var timeout = new CancellationTokenSource(_options.LoadTimeout, _time);
            try
            {
                var value = await load(key, timeout.Token).WaitAsync(timeout.Token);
                Finish(key, flight, new CacheEntry<TId, TValue>(key, value, flight.BeganAt, ExpiresAt(value)), OwnerOf(key, value));
                flight.Complete(value);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                throw new TimeoutException($"Loading a '{Type}' took longer than {_options.LoadTimeout}.");
            }
        }
        catch (Exception failure)
        {
            // Whatever the loader threw belongs to those who wait for it.
            Finish(key, flight, loaded: null, owner: Guid.Empty);
            flight.Fail(failure);
        }
    }

    private void Begin(CacheFlight<TValue> flight)
    {
        lock (_gate)
        {
            flight.BeganAt = _time.GetTimestamp();
            _metrics.Loading(Type, _view.IsValidAt(flight.BeganAt));
        }
    }

    private void Finish(CacheKey<TId> key, CacheFlight<TValue> flight, CacheEntry<TId, TValue>? loaded, Guid owner)
    {
        lock (_gate)
        {
            if (flight.IsAhead)
            {
                _loadsAhead--;
            }

            if (flight.IsFenced)
            {
                return;
            }

            if (flight.Next is { } next)
            {
                _flights[key] = next;
            }
            else
            {
                _flights.Remove(key);
            }

            // A lease that was lost and regained in the meantime has fenced the load.
            if (loaded is not null && loaded.LoadedAt >= _view.UsableFrom(_time.GetTimestamp(), _grace))
            {
                _table.Store(loaded, owner);
            }
        }
    }

    private void FenceWhere(Predicate<CacheKey<TId>> condition)
    {
        foreach (var (key, flight) in _flights)
        {
            if (condition(key))
            {
                flight.Fence();
                _flights.Remove(key);
            }
        }
    }

    private Guid OwnerOf(CacheKey<TId> key, TValue? value) =>
        key.TenantId == Guid.Empty && value is not null && _options.Owner is { } ownerOf ? ownerOf(value) : key.TenantId;

    private long ExpiresAt(TValue? value) => _time.GetTimestamp() + (value is null ? _negativeTimeToLive : _timeToLive);

    private long TimestampsIn(TimeSpan duration) => (long)(duration.TotalSeconds * _time.TimestampFrequency);
}
