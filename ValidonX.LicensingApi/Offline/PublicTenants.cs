using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Offline;

/// <summary>Whose it is that is asked for.</summary>
internal sealed record OfTenant
{
    /// <summary>The tenant's id or its slug.</summary>
    [Text(40)]
    [Example("acme")]
    public required string Tenant { get; init; }
}

/// <summary>A tenant as it was found by its name.</summary>
internal sealed record PublicTenant(TenantPlacement Placement, string Plan);

/// <summary>Tenants by id and by slug, for those who know nothing else of them. One that is suspended is found: what it gave out goes on.</summary>
internal sealed class PublicTenants(PlatformDatabase platform, CoherentCaches caches)
{
    private readonly CoherentCache<string, PublicTenant> _cache = caches.Create<string, PublicTenant>(new CoherentCacheOptions<PublicTenant>
    {
        Type = "public-tenant",
        Owner = tenant => tenant.Placement.TenantId,
    });

    /// <summary>The tenant.</summary>
    /// <exception cref="ApiException">404: there is none, or it is not in service yet or any more.</exception>
    public async ValueTask<PublicTenant> FindAsync(string name, CancellationToken cancellationToken) =>
        (Guid.TryParseExact(name, "D", out _) || TenantSlug.TryParse(name, out _)) && await _cache.GetAsync(CacheKey.OfPlatform(name), (_, token) => LoadAsync(name, token), cancellationToken) is { } tenant
            ? tenant
            : throw new ApiException(ApiErrors.TenantNotFound);

    private async Task<PublicTenant?> LoadAsync(string name, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var isId = Guid.TryParseExact(name, "D", out var id);
        var tenant = await connection.QuerySingleOrDefaultAsync<Tenant>(new CommandDefinition(
            $"SELECT {Tenant.Columns} FROM tenants WHERE {(isId ? "id = @id" : "slug = @name")} AND status IN (@Active, @Suspended)",
            new { id, name, TenantStatus.Active, TenantStatus.Suspended },
            cancellationToken: cancellationToken));
        return tenant?.Placement is { } placement ? new PublicTenant(placement, tenant.PlanCode) : null;
    }
}
