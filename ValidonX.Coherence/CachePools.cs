using System.Collections.Concurrent;

namespace ValidonX.Coherence;

/// <summary>
/// Keeps the entries of a table within bounds, in total and for each owner, and drops an owner at once. The caller holds the
/// cache's lock; readers only use the dictionary.
/// </summary>
internal sealed class CachePools<TId, TValue>(ConcurrentDictionary<CacheKey<TId>, CacheEntry<TId, TValue>> entries, int capacity, int ownerCapacity)
    where TId : notnull
    where TValue : class
{
    private const int ReclaimedPerAddition = 32;
    private const int SecondChances = 8;
    private const int Samples = 4;

    private readonly Dictionary<Guid, CachePool<TId, TValue>> _byOwner = [];
    private readonly List<CachePool<TId, TValue>> _all = [];
    private readonly Queue<CachePool<TId, TValue>> _dropped = new();

    /// <summary>Entries that are answers, expired ones included.</summary>
    public int Count { get; private set; }

    public void Add(CacheEntry<TId, TValue> entry, Guid owner)
    {
        Reclaim();
        var pool = _byOwner.GetValueOrDefault(owner) ?? new(owner);

        // What belongs to nobody has no neighbor to protect: only the total bounds it.
        if (owner != Guid.Empty && pool.Entries.Count >= ownerCapacity)
        {
            EvictFrom(pool);
        }
        else if (Count >= capacity)
        {
            EvictFrom(LargestOfSome(pool));
        }

        // A new pool, or one that has just lost its last entry and with it its place.
        if (_byOwner.TryAdd(owner, pool))
        {
            pool.Index = _all.Count;
            _all.Add(pool);
        }

        entry.Pool = pool;
        entry.Node = pool.Entries.AddLast(entry);
        Count++;
        entries[entry.Key] = entry;
    }

    public void Remove(CacheEntry<TId, TValue> entry)
    {
        entries.TryRemove(KeyValuePair.Create(entry.Key, entry));
        entry.Pool.Entries.Remove(entry.Node);
        if (entry.Pool.IsDropped)
        {
            return;
        }

        Count--;
        if (entry.Pool.Entries.Count == 0)
        {
            Forget(entry.Pool);
        }
    }

    /// <summary>Ends all entries of the owner in constant time; their memory is reclaimed by later additions.</summary>
    public void Drop(Guid owner)
    {
        if (!_byOwner.TryGetValue(owner, out var pool))
        {
            return;
        }

        pool.Drop();
        Count -= pool.Entries.Count;
        Forget(pool);
        _dropped.Enqueue(pool);
    }

    private void Forget(CachePool<TId, TValue> pool)
    {
        _byOwner.Remove(pool.Owner);
        var last = _all[^1];
        _all[pool.Index] = last;
        last.Index = pool.Index;
        _all.RemoveAt(_all.Count - 1);
    }

    private void Reclaim()
    {
        for (var i = 0; i < ReclaimedPerAddition && _dropped.TryPeek(out var pool); i++)
        {
            if (pool.Entries.First is { } node)
            {
                Remove(node.Value);
            }
            else
            {
                _dropped.Dequeue();
            }
        }
    }

    /// <summary>The oldest entry that was of no use since its turn came last; after some second chances simply the oldest.</summary>
    private void EvictFrom(CachePool<TId, TValue> pool)
    {
        for (var i = 0; i < SecondChances && pool.Entries.First is { } node && node.Value.TakeTouch(); i++)
        {
            pool.Entries.RemoveFirst();
            pool.Entries.AddLast(node);
        }

        if (pool.Entries.First is { } oldest)
        {
            Remove(oldest.Value);
        }
    }

    /// <summary>Who holds most pays first, so a tenant with few entries does not lose them to one with many.</summary>
    private CachePool<TId, TValue> LargestOfSome(CachePool<TId, TValue> own)
    {
        var largest = own.Entries.Count > 0 ? own : _all[Random.Shared.Next(_all.Count)];
        for (var i = 0; i < Samples; i++)
        {
            var sample = _all[Random.Shared.Next(_all.Count)];
            if (sample.Entries.Count > largest.Entries.Count)
            {
                largest = sample;
            }
        }

        return largest;
    }
}
