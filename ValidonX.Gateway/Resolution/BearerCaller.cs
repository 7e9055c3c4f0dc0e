using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;

namespace ValidonX.Gateway.Resolution;

/// <summary>Who a bearer token turned out to be, for one request.</summary>
/// <param name="Token">The token.</param>
/// <param name="Tenant">The tenant that the call is about, if any.</param>
/// <param name="Role">The user's role there.</param>
internal sealed record BearerCaller(TokenRecord Token, TenantRecord? Tenant, TenantRole? Role)
{
    /// <summary>What the licensing API is told.</summary>
    public CallerContext ToContext() =>
        new()
        {
            Kind = Token.Ability == Abilities.Admin ? CallerKind.Operator : CallerKind.User,
            CallerId = Token.OwnerId,
            TokenId = Token.Id,
            TenantId = Tenant?.Id,
            TenantSlug = Tenant?.Slug,
            TenantPlan = Tenant?.Plan,
            ServerName = Tenant?.ServerName,
            DatabaseName = Tenant?.DatabaseName,
            Role = Role,
            ExpiresAt = 0,
        };
}
