using System.Data.Common;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>The token with which a tenant's owner begins.</summary>
internal sealed class FirstToken(AccessTokens tokens, TimeProvider time)
{
    /// <summary>Long enough to begin with; the owner makes others from it.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(90);

    /// <summary>Gives the first owner one, and ends the one of this tenant that the owner may have had before.</summary>
    public async Task<(Guid OwnerId, AccessToken Token)> ReplaceAsync(DbTransaction transaction, Tenant tenant, CancellationToken cancellationToken)
    {
        var ownerId = await TenantMembers.FindAsync(transaction, tenant.Id, userId: null, cancellationToken)
            ?? throw new InvalidOperationException("The tenant has no owner.");
        var name = $"first login: {tenant.Slug}";
        await tokens.RevokeNamedAsync(transaction, TokenOwners.User, ownerId, name, cancellationToken);
        var now = time.GetUtcNow();
        return (ownerId, await AccessTokens.IssueAsync(transaction, TokenOwners.User, ownerId, Abilities.Tenant, name, now, now + Life, cancellationToken));
    }
}
