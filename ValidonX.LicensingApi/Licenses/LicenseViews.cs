using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>Licenses by tenant and key, kept in memory and coherent with every other replica; "there is none" is kept too.</summary>
internal sealed class LicenseViews(TenantDatabases databases, CoherentCaches caches)
{
    private const string Type = CacheKeys.LicenseType;

    private readonly CoherentCache<string, LicenseView> _cache = caches.Create<string, LicenseView>(new CoherentCacheOptions<LicenseView>
    {
        Type = Type,
        Capacity = 200_000,
        TenantCapacity = 50_000,
    });

    /// <summary>What a change of this license makes stale.</summary>
    public static Invalidation Changed(Guid tenantId, string key) => CacheKeys.License(tenantId, key);

    /// <summary>The license when it is known here and now, <see langword="null"/> when it is known not to exist; <see langword="false"/>: ask <see cref="FindAsync"/>.</summary>
    public bool TryFind(Guid tenantId, string key, out LicenseView? license) => _cache.TryGet(CacheKey.OfTenant(tenantId, key), out license);

    /// <summary>The license with this well-formed key, or <see langword="null"/>.</summary>
    public ValueTask<LicenseView?> FindAsync(TenantPlacement placement, string key, CancellationToken cancellationToken) =>
        TryFind(placement.TenantId, key, out var known)
            ? new(known)
            : _cache.GetAsync(CacheKey.OfTenant(placement.TenantId, key), (missing, token) => LoadAsync(placement, missing.Id, token), cancellationToken);

    /// <summary>
    /// The licenses with these well-formed keys, those that exist, by key. However many are asked for that do not, the database is asked for all of them once.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, LicenseView>> FindAllAsync(TenantPlacement placement, IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, LicenseView>(StringComparer.Ordinal);
        var unknown = new List<string>();
        foreach (var key in keys.Distinct(StringComparer.Ordinal))
        {
            if (!TryFind(placement.TenantId, key, out var known))
            {
                unknown.Add(key);
            }
            else if (known is not null)
            {
                found.Add(key, known);
            }
        }

        var existing = unknown.Count < 2
            ? unknown
            : await databases.ReadAsync(
                placement,
                "SELECT license_key FROM license_keys WHERE license_key IN @unknown",
                new { unknown },
                static async rows => (await rows.ReadAsync<string>()).AsList(),
                cancellationToken);
        foreach (var key in existing)
        {
            if (await FindAsync(placement, key, cancellationToken) is { } license)
            {
                found.Add(key, license);
            }
        }

        return found;
    }

    private Task<LicenseView?> LoadAsync(TenantPlacement placement, string key, CancellationToken cancellationToken) =>
        databases.ReadAsync(
            placement,
            // One statement: each costs the server more than the rows that it finds.
            $"""
            SELECT l.id, l.license_key, {LicenseTerms.Columns}, e.code, e.kind, e.value, e.hard_limit
            FROM license_keys l LEFT JOIN entitlements e ON e.license_id = l.id
            WHERE l.license_key = @key
            """,
            new { key },
            static async rows =>
            {
                var found = (await rows.ReadAsync<Row>()).AsList();
                return found is [var license, ..] ? new LicenseView(license.Id, license.LicenseKey, license, [.. found.Select(row => row.Entitlement).OfType<Entitlement>()]) : null;
            },
            cancellationToken);

    /// <summary>A licence and one of its entitlements, or none when it has none.</summary>
    private sealed record Row : LicenseTerms
    {
        public Guid Id { get; init; }

        public string LicenseKey { get; init; } = "";

        public string? Code { get; init; }

        public string? Kind { get; init; }

        public string? Value { get; init; }

        public bool? HardLimit { get; init; }

        public Entitlement? Entitlement => Code is null
            ? null
            : new Entitlement { LicenseId = Id.ToString(), Code = Code, Kind = Kind!, Value = Value!, HardLimit = HardLimit == true };
    }
}
