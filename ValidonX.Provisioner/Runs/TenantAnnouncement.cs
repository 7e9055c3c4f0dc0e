using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Keys;

namespace ValidonX.Provisioner.Runs;

/// <summary>Tells the gateways that a tenant is in service: they may remember that it was not, and that its key was unknown.</summary>
internal sealed class TenantAnnouncement(ICoherence coherence)
{
    /// <summary>Returns when every gateway acts accordingly.</summary>
    /// <exception cref="ChangeNotAnnouncedException">Some may not.</exception>
    public async Task MakeAsync(DbConnection platform, Guid tenantId, CancellationToken cancellationToken)
    {
        var hash = await platform.QuerySingleOrDefaultAsync<byte[]>(new CommandDefinition(
            "SELECT key_hash FROM api_keys WHERE tenant_id = @tenantId AND provisioned = 1",
            new { tenantId },
            cancellationToken: cancellationToken));
        await coherence.InvalidateAsync(
            hash is null ? [Invalidation.OfTenant(tenantId)] : [Invalidation.OfTenant(tenantId), CacheKeys.ApiKey(new ApiKeyHash(hash))],
            cancellationToken);
    }
}
