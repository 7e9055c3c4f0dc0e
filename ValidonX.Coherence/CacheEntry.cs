namespace ValidonX.Coherence;

/// <summary>One remembered answer; a null value is the answer "does not exist".</summary>
internal sealed class CacheEntry<TId, TValue>(CacheKey<TId> key, TValue? value, long loadedAt, long expiresAt)
    where TId : notnull
    where TValue : class
{
    private bool _touched;

    public CacheKey<TId> Key { get; } = key;

    public TValue? Value { get; } = value;

    /// <summary>When its load began, in timestamps of the cache's clock.</summary>
    public long LoadedAt { get; } = loadedAt;

    /// <summary>In timestamps of the cache's clock.</summary>
    public long ExpiresAt { get; } = expiresAt;

    /// <summary>The owner's share of the cache, set when the entry is added.</summary>
    public CachePool<TId, TValue> Pool { get; set; } = null!;

    public LinkedListNode<CacheEntry<TId, TValue>> Node { get; set; } = null!;

    public bool IsLive(long now) => now < ExpiresAt && !Pool.IsDropped;

    /// <summary>Remembers that the entry was of use. Written once per turn of the eviction, so that readers share the cache line.</summary>
    public void Touch()
    {
        if (!_touched)
        {
            _touched = true;
        }
    }

    /// <summary>Whether it was of use since the last call.</summary>
    public bool TakeTouch()
    {
        var touched = _touched;
        _touched = false;
        return touched;
    }
}
