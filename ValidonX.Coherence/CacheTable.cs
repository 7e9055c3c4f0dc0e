using System.Collections.Concurrent;

namespace ValidonX.Coherence;

/// <summary>The content of one cache. Reads take no lock; whoever changes it holds the cache's lock.</summary>
internal sealed class CacheTable<TId, TValue>
    where TId : notnull
    where TValue : class
{
    private readonly ConcurrentDictionary<CacheKey<TId>, CacheEntry<TId, TValue>> _entries = new();
    private readonly CachePools<TId, TValue> _values;
    private readonly CachePools<TId, TValue> _negatives;

    public CacheTable(CoherentCacheOptions<TValue> options)
    {
        _values = new(_entries, options.Capacity, options.TenantCapacity);
        _negatives = new(_entries, options.NegativeCapacity, options.TenantNegativeCapacity);
    }

    public int ValueCount => _values.Count;

    public int NegativeCount => _negatives.Count;

    /// <param name="key">Which value.</param>
    /// <param name="now">The moment of use.</param>
    /// <param name="loadedFrom">The earliest beginning of a load that counts.</param>
    /// <param name="value">The value, or null when it is known not to exist.</param>
    public bool TryFind(in CacheKey<TId> key, long now, long loadedFrom, out TValue? value)
    {
        if (_entries.TryGetValue(key, out var entry) && entry.IsLive(now) && entry.LoadedAt >= loadedFrom)
        {
            entry.Touch();
            value = entry.Value;
            return true;
        }

        value = null;
        return false;
    }

    public void Store(CacheEntry<TId, TValue> entry, Guid owner)
    {
        Remove(entry.Key);
        PoolsOf(entry).Add(entry, owner);
    }

    public void Remove(in CacheKey<TId> key)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            PoolsOf(entry).Remove(entry);
        }
    }

    public void DropTenant(Guid tenantId)
    {
        _values.Drop(tenantId);
        _negatives.Drop(tenantId);
    }

    private CachePools<TId, TValue> PoolsOf(CacheEntry<TId, TValue> entry) => entry.Value is null ? _negatives : _values;
}
