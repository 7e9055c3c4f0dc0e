using ValidonX.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Activations;

/// <summary>Activations by tenant and id, kept in memory and coherent with every other replica; "there is none" is kept too.</summary>
internal sealed class ActivationViews(TenantDatabases databases, CoherentCaches caches)
{
    private const string Type = "activation";

    private readonly CoherentCache<Guid, ActivationView> _cache = caches.Create<Guid, ActivationView>(new CoherentCacheOptions<ActivationView>
    {
        Type = Type,
        Capacity = 200_000,
        TenantCapacity = 50_000,
    });

    /// <summary>What a change of this activation makes stale. A new one needs none: nobody can have asked for an id that did not exist.</summary>
    public static Invalidation Changed(Guid tenantId, Guid id) => Invalidation.OfTenantEntry(tenantId, Type, id.ToString());

    /// <summary>The activation when it is known here and now, <see langword="null"/> when it is known not to exist; <see langword="false"/>: ask <see cref="FindAsync"/>.</summary>
    public bool TryFind(Guid tenantId, Guid id, out ActivationView? activation) => _cache.TryGet(CacheKey.OfTenant(tenantId, id), out activation);

    /// <summary>The activation, or <see langword="null"/>.</summary>
    public ValueTask<ActivationView?> FindAsync(TenantPlacement placement, Guid id, CancellationToken cancellationToken) =>
        TryFind(placement.TenantId, id, out var known)
            ? new(known)
            : _cache.GetAsync(CacheKey.OfTenant(placement.TenantId, id), (missing, token) => LoadAsync(placement, missing.Id, token), cancellationToken);

    /// <summary>One that exists, as it is in the database now.</summary>
    public Task<ActivationRow> ReadAsync(TenantPlacement placement, Guid id, CancellationToken cancellationToken) =>
        databases.ReadAsync(
            placement,
            $"SELECT {ActivationRow.Columns} FROM activations a WHERE a.id = @id",
            new { id },
            static rows => rows.ReadSingleAsync<ActivationRow>(),
            cancellationToken);

    private Task<ActivationView?> LoadAsync(TenantPlacement placement, Guid id, CancellationToken cancellationToken) =>
        databases.ReadAsync(
            placement,
            $"""
            SELECT {ActivationRow.Columns} FROM activations a WHERE a.id = @id;
            SELECT l.license_key FROM activations a JOIN license_keys l ON l.id = a.license_id WHERE a.id = @id
            """,
            new { id },
            static async rows =>
            {
                var row = await rows.ReadSingleOrDefaultAsync<ActivationRow>();
                var licenseKey = await rows.ReadSingleOrDefaultAsync<string>();
                return row is null ? null : new ActivationView(row, licenseKey!);
            },
            cancellationToken);
}
