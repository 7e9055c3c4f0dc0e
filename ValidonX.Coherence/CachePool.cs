namespace ValidonX.Coherence;

/// <summary>The entries of one owner, oldest first.</summary>
internal sealed class CachePool<TId, TValue>(Guid owner)
    where TId : notnull
    where TValue : class
{
    private volatile bool _isDropped;

    public Guid Owner { get; } = owner;

    public LinkedList<CacheEntry<TId, TValue>> Entries { get; } = new();

    /// <summary>Place in the list of all pools.</summary>
    public int Index { get; set; }

    /// <summary>Set once: none of its entries is an answer any more, wherever it can still be found.</summary>
    public bool IsDropped => _isDropped;

    public void Drop() => _isDropped = true;
}
