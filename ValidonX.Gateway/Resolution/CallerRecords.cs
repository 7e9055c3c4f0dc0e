using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.Platform.Coherence;

namespace ValidonX.Gateway.Resolution;

/// <summary>What every kind of bearer needs: users' tenants, and tenants.</summary>
internal sealed class CallerRecords
{
    private readonly CoherentCache<Guid, Memberships> _memberships;
    private readonly CoherentCache<Guid, TenantRecord> _tenants;
    private readonly AccountDirectory _directory;

    public CallerRecords(CoherentCaches caches, AccountDirectory directory, IOptions<ResolutionOptions> options)
    {
        _directory = directory;
        _memberships = caches.Create<Guid, Memberships>(options.Value.Bounded<Memberships>(CacheKeys.MembershipsType));
        _tenants = caches.Create<Guid, TenantRecord>(options.Value.Bounded<TenantRecord>(CacheKeys.TenantType));
    }

    /// <summary>The user's tenants, with the user's role in each.</summary>
    public async ValueTask<Memberships> MembershipsAsync(Guid userId, CancellationToken cancellationToken) =>
        (await _memberships.GetAsync(CacheKey.OfPlatform(userId), (key, token) => _directory.FindMembershipsAsync(key.Id, token), cancellationToken))!;

    /// <summary>The tenant, or <see langword="null"/>.</summary>
    public ValueTask<TenantRecord?> TenantAsync(Guid tenantId, CancellationToken cancellationToken) =>
        _tenants.GetAsync(CacheKey.OfTenant(tenantId, tenantId), (key, token) => _directory.FindTenantAsync(key.Id, token), cancellationToken);
}
