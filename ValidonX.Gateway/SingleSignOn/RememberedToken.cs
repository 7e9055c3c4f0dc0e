using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;
using ValidonX.Platform.SingleSignOn;

namespace ValidonX.Gateway.SingleSignOn;

/// <summary>What one tenant takes a token for.</summary>
/// <param name="Settings">The tenant's settings.</param>
/// <param name="Key">The subject in this tenant.</param>
/// <param name="Role">The role that the token gives there, if any.</param>
internal sealed record TokenInTenant(SignOnSettings Settings, SubjectKey Key, TenantRole? Role);

/// <summary>
/// A token that was checked. It counts only with the very settings and keys that it was checked with: a change of either makes new ones, and the token is checked again.
/// </summary>
internal sealed class RememberedToken
{
    /// <summary>Of so many tenants with one issuer and audience it is told which is meant without being named.</summary>
    private const int MostTenants = 8;

    public RememberedToken(VerifiedToken token, string issuer, TenantsOfIssuer tenants)
    {
        (Issuer, Subject, EndsAt, SignedWith, CheckedFor) = (issuer, token.Subject, token.EndsAt, token.SignedWith, tenants);
        IssuedAt = token.IssuedAt.ToUnixTimeSeconds();
        Name = ClaimedUsers.NameOf(token);
        Email = ClaimedUsers.EmailOf(token);
        Tenants =
        [
            .. tenants.Settings
                .Where(settings => token.Audiences.Contains(settings.AcceptedAudience, StringComparer.Ordinal))
                .Select(settings => new TokenInTenant(settings, SubjectKey.Of(settings.TenantId, issuer, token.Subject), settings.RoleOf(token.Payload))),
        ];
    }

    /// <summary>Who issued it.</summary>
    public string Issuer { get; }

    /// <summary>Whom it is about.</summary>
    public string Subject { get; }

    /// <summary>What the issuer calls the subject.</summary>
    public string? Name { get; }

    /// <summary>The address that the issuer has.</summary>
    public string? Email { get; }

    /// <summary>When it was issued, Unix seconds.</summary>
    public long IssuedAt { get; }

    /// <summary>From when on it has to be checked again.</summary>
    public DateTimeOffset EndsAt { get; }

    /// <summary>The keys it was checked with.</summary>
    public IssuerKeySet SignedWith { get; }

    /// <summary>The settings it was checked with.</summary>
    public TenantsOfIssuer CheckedFor { get; }

    /// <summary>The tenants it is for.</summary>
    public IReadOnlyList<TokenInTenant> Tenants { get; }

    /// <summary>Those of them among which the subject decides when none is named.</summary>
    public IEnumerable<TokenInTenant> Likely => Tenants.Take(MostTenants);

    /// <summary>What the licensing API is to take note of.</summary>
    public ClaimedUser ClaimedIn(TokenInTenant tenant, TenantRole role) =>
        new() { Subject = Subject, Version = tenant.Settings.Version, Role = role, IssuedAt = IssuedAt, Name = Name, Email = Email };
}
