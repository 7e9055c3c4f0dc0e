using System.Collections.Concurrent;

namespace ValidonX.Platform.Rollups;

/// <summary>
/// Counts in memory what each tenant's requests come to at this process, and all of them together; <see cref="RollupWriter"/> carries it
/// on. Tallies exist only for tenants that were really found and are empty while their tenant is silent, so they are kept.
/// </summary>
public sealed class Tallies
{
    private const int MostStripes = 8;

    private readonly ConcurrentDictionary<Guid, TenantTally> _tenants = new();
    private readonly TenantTally[] _whole;
    private readonly TimeProvider _time;

    public Tallies(TimeProvider time)
    {
        _time = time;
        // All requests meet here, so that each processor has one of its own.
        _whole = [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, MostStripes)).Select(_ => new TenantTally(time))];
    }

    /// <summary>Counts a request.</summary>
    /// <param name="tenantId">Whose it was.</param>
    /// <param name="route">Its route's template.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="refusedBy">The limit that refused it.</param>
    /// <param name="duration">How long it took; null where that says nothing, as for a stream.</param>
    public void Request(Guid tenantId, string route, int status, string? refusedBy, TimeSpan? duration)
    {
        Of(tenantId).Request(route, status, refusedBy, duration);
        Whole.Request(route, status, refusedBy, duration);
    }

    /// <summary>Counts time that a request or job of a tenant had a connection to its database.</summary>
    public void Database(Guid tenantId, TimeSpan duration)
    {
        Of(tenantId).Database(duration);
        Whole.Database(duration);
    }

    /// <summary>Notes how many jobs of each tenant wait and for how many seconds the oldest has been due.</summary>
    public void Queues(IReadOnlyCollection<(Guid TenantId, long Depth, long Age)> queues)
    {
        foreach (var (tenantId, depth, age) in queues)
        {
            Of(tenantId).Queue(depth, age);
        }

        if (queues.Count > 0)
        {
            Whole.Queue(queues.Sum(queue => queue.Depth), queues.Max(queue => queue.Age));
        }
    }

    /// <summary>All that there is, with the part of the whole that each is; those of the whole have no tenant.</summary>
    internal IEnumerable<(Guid TenantId, int Part, TenantTally Tally)> All() =>
        _tenants.Select(tenant => (tenant.Key, 0, tenant.Value)).Concat(_whole.Select((part, index) => (Guid.Empty, index, part)));

    private TenantTally Whole => _whole[Thread.GetCurrentProcessorId() % _whole.Length];

    private TenantTally Of(Guid tenantId) => _tenants.TryGetValue(tenantId, out var tally) ? tally : _tenants.GetOrAdd(tenantId, _ => new TenantTally(_time));
}
