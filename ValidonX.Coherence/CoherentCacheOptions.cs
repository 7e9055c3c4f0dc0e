namespace ValidonX.Coherence;

/// <summary>What a <see cref="CoherentCache{TId,TValue}"/> holds, how much of it and how long.</summary>
public sealed record CoherentCacheOptions<TValue>
    where TValue : class
{
    /// <summary>The type in the names of its entries, see <see cref="CacheNames"/>; one cache per type and process.</summary>
    public required string Type { get; init; }

    /// <summary>The most values that it keeps.</summary>
    public int Capacity { get; init; } = 100_000;

    /// <summary>
    /// The most values that it keeps of one tenant; a tenant beyond it evicts its own. Below it a full cache evicts from the tenants that hold most.
    /// </summary>
    public int TenantCapacity { get; init; } = 10_000;

    /// <summary>The most "does not exist" answers that it keeps, apart from the values.</summary>
    public int NegativeCapacity { get; init; } = 10_000;

    /// <summary>The most "does not exist" answers that it keeps of one tenant.</summary>
    public int TenantNegativeCapacity { get; init; } = 1_000;

    /// <summary>How long a value is kept without any invalidation: the bound of last resort, for changes that nobody announced.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long "does not exist" is kept.</summary>
    public TimeSpan NegativeTimeToLive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a load may take before its callers get a <see cref="TimeoutException"/>.</summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The tenant that owns a value found under a platform key: it is dropped and counted with that tenant.</summary>
    public Func<TValue, Guid>? Owner { get; init; }
}
