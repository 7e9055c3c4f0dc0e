using System.Collections.Concurrent;

namespace ValidonX.RateLimiting;

/// <summary>
/// All partitions in use. One that nobody refers to and that holds nothing is collected; a window in which this gateway has taken part is
/// kept until its end, because forgetting what was spent there would spend it twice.
/// </summary>
internal sealed class PartitionRegistry(ReplicaState state)
{
    private readonly ConcurrentDictionary<string, WeakReference<LeasedPartition>> _partitions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<LeasedWindow, LeasedPartition> _held = new();

    /// <summary>Windows in which this gateway has taken part and that are not over and done with.</summary>
    public IEnumerable<KeyValuePair<LeasedWindow, LeasedPartition>> Held => _held;

    public int Count => _partitions.Count;

    /// <summary>The partition of a caller under a policy; the policy's quota comes into force at once.</summary>
    /// <param name="scope">Who owns the counter in Redis: <c>tenant:{id}</c>, or <c>platform</c> for what no tenant owns.</param>
    /// <param name="policy">Quota and window.</param>
    /// <param name="partition">Who is counted: an API key's id, with the endpoint's name for an endpoint policy.</param>
    public LeasedPartition Get(string scope, RateLimitPolicy policy, string partition)
    {
        var prefix = $"{scope}:rl:{policy.Name}:{partition}:{policy.Window.Tag}:";
        while (true)
        {
            if (_partitions.TryGetValue(prefix, out var reference))
            {
                if (reference.TryGetTarget(out var known))
                {
                    known.ChangePolicy(policy);
                    return known;
                }

                var revived = new LeasedPartition(prefix, policy, state, this);
                if (_partitions.TryUpdate(prefix, new(revived), reference)) return revived;
            }
            else
            {
                var created = new LeasedPartition(prefix, policy, state, this);
                if (_partitions.TryAdd(prefix, new(created))) return created;
            }
        }
    }

    /// <summary>The partition that a window's key in Redis belongs to, if it is in use here.</summary>
    public LeasedPartition? FindByWindow(string windowKey)
    {
        var prefix = windowKey[..(windowKey.LastIndexOf(':') + 1)];
        return _partitions.TryGetValue(prefix, out var reference) && reference.TryGetTarget(out var partition) ? partition : null;
    }

    public void Hold(LeasedWindow window, LeasedPartition partition) => _held.TryAdd(window, partition);

    public void Release(LeasedWindow window) => _held.TryRemove(window, out _);

    /// <summary>Forgets partitions that nothing refers to any more.</summary>
    public void Sweep()
    {
        foreach (var entry in _partitions)
        {
            if (!entry.Value.TryGetTarget(out _)) _partitions.TryRemove(entry);
        }
    }

    /// <summary>Redis's clock was set: every window's end is reckoned anew.</summary>
    public void Reclock()
    {
        foreach (var (window, partition) in _held) partition.Reclock(window);
    }

    /// <summary>Drops everything this gateway holds.</summary>
    public void Reset()
    {
        foreach (var (window, partition) in _held)
        {
            partition.Reset();
            _held.TryRemove(window, out _);
        }
    }
}
