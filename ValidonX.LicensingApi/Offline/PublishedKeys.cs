using ValidonX.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Offline;

/// <summary>A key of which anyone may know (RFC 7517).</summary>
internal sealed record JsonWebKey(string Kty, string Crv, string X, string Y, string Kid, string Use, string Alg);

/// <summary>The keys that verify what a tenant has signed (RFC 7517).</summary>
/// <param name="Keys">The one that signs, the one that will, and old ones until the last that they signed has ended.</param>
internal sealed record JsonWebKeySet(IReadOnlyList<JsonWebKey> Keys);

/// <summary>The keys that a tenant publishes, kept in memory and coherent with every other replica.</summary>
internal sealed class PublishedKeys(SigningKeys keys, CoherentCaches caches, TimeProvider time)
{
    private const string Type = "published-keys";

    private readonly CoherentCache<Guid, JsonWebKeySet> _cache = caches.Create<Guid, JsonWebKeySet>(new CoherentCacheOptions<JsonWebKeySet> { Type = Type, Capacity = 10_000 });

    /// <summary>What a change of the keys makes stale.</summary>
    public static Invalidation Changed(Guid tenantId) => Invalidation.OfTenantEntry(tenantId, Type, tenantId.ToString());

    /// <summary>The set.</summary>
    public async ValueTask<JsonWebKeySet> FindAsync(TenantPlacement placement, CancellationToken cancellationToken) =>
        (await _cache.GetAsync(CacheKey.OfTenant(placement.TenantId, placement.TenantId), (_, token) => LoadAsync(placement, token), cancellationToken))!;

    private async Task<JsonWebKeySet?> LoadAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return new JsonWebKeySet(
        [
            .. (await keys.ListAsync(placement, cancellationToken)).Where(key => key.IsPublishedAt(now))
                .Select(key => new JsonWebKey("EC", "P-256", key.X, key.Y, key.Id.ToString(), "sig", "ES256")),
        ]);
    }
}
