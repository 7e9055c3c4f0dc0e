using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;

namespace ValidonX.Gateway.Resolution;

/// <summary>Who a bearer turned out to be, for one request.</summary>
/// <param name="Kind">A user or an operator.</param>
/// <param name="Id">Which; none when a token of a tenant's issuer is about somebody who is no user yet.</param>
internal sealed record BearerCaller(CallerKind Kind, Guid? Id)
{
    /// <summary>The platform's own token, if it was one.</summary>
    public TokenRecord? Token { get; init; }

    /// <summary>The tenant that the call is about, if any.</summary>
    public TenantRecord? Tenant { get; init; }

    /// <summary>The user's role there.</summary>
    public TenantRole? Role { get; init; }

    /// <summary>Whether the tenant's own single sign-on vouches for the user.</summary>
    public bool IsSignedOn { get; init; }

    /// <summary>What the issuer says of the user, where the licensing API has to take note of it.</summary>
    public ClaimedUser? Claimed { get; init; }

    /// <summary>What the licensing API is told.</summary>
    public CallerContext ToContext() =>
        new()
        {
            Kind = Kind,
            CallerId = Id,
            TokenId = Token?.Id,
            TenantId = Tenant?.Id,
            TenantSlug = Tenant?.Slug,
            TenantPlan = Tenant?.Plan,
            ServerName = Tenant?.ServerName,
            DatabaseName = Tenant?.DatabaseName,
            Role = Role,
            IsSignedOn = IsSignedOn,
            Claimed = Claimed,
            ExpiresAt = 0,
        };
}
