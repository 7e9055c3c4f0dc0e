namespace ValidonX.Coherence;

/// <summary>Key of a process cache: the tenant, or none for what is looked up before a tenant is known, and the id.</summary>
/// <param name="TenantId">The tenant, or <see cref="Guid.Empty"/>.</param>
/// <param name="Id">The id within the cache; its text is the last part of the name in messages.</param>
public readonly record struct CacheKey<TId>(Guid TenantId, TId Id)
    where TId : notnull;

/// <summary>Makes <see cref="CacheKey{TId}"/>s.</summary>
public static class CacheKey
{
    /// <summary>The key of something that belongs to a tenant.</summary>
    public static CacheKey<TId> OfTenant<TId>(Guid tenantId, TId id)
        where TId : notnull => new(tenantId, id);

    /// <summary>The key of something that is found without a tenant.</summary>
    public static CacheKey<TId> OfPlatform<TId>(TId id)
        where TId : notnull => new(Guid.Empty, id);
}
