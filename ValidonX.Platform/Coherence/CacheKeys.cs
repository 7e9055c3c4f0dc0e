using ValidonX.Coherence;
using ValidonX.Platform.Keys;

namespace ValidonX.Platform.Coherence;

/// <summary>
/// What the gateways remember about callers, and what a writer has to invalidate when it has changed it. A tenant's own row (status, plan,
/// cluster, limits) is invalidated by <see cref="Invalidation.OfTenant"/>, which also takes the tenant's keys and hosts along; a change
/// of a plan, by <see cref="Invalidation.Everything"/>.
/// </summary>
public static class CacheKeys
{
    /// <summary>API keys by <see cref="ApiKeyHash"/>, found without a tenant and owned by the key's.</summary>
    public const string ApiKeyType = "api-key";

    /// <summary>Bearer tokens by id, found without a tenant.</summary>
    public const string TokenType = "token";

    /// <summary>The tenants of a user and the user's role in each, by the user's id; found without a tenant.</summary>
    public const string MembershipsType = "memberships";

    /// <summary>A tenant's row, by the tenant's id.</summary>
    public const string TenantType = "record";

    /// <summary>The tenant that a host names (subdomain or custom domain), by the host in lower case; owned by that tenant.</summary>
    public const string HostType = "host";

    /// <summary>The issuers of all tenants' single sign-on, under one id.</summary>
    public const string IssuersType = "issuers";

    /// <summary>The only id of <see cref="IssuersType"/>.</summary>
    public const string AllIssuers = "all";

    /// <summary>The tenants whose users sign in at an issuer, by the issuer's address; found without a tenant.</summary>
    public const string SignOnType = "sign-on";

    /// <summary>The user whom an issuer's subject is in a tenant, by <see cref="SingleSignOn.SubjectKey"/>; found without a tenant.</summary>
    public const string SubjectType = "subject";

    /// <summary>Licenses by tenant and key, "there is none" too.</summary>
    public const string LicenseType = "license";

    /// <summary>A tenant's signed list of what was revoked, by the tenant's id.</summary>
    public const string RevocationsType = "revocations";

    /// <summary>What anyone may see of the plans, under one id.</summary>
    public const string PlansType = "plans";

    /// <summary>The only id of <see cref="PlansType"/>.</summary>
    public const string PublicPlans = "public";

    /// <summary>A plan or its entitlements were changed, as far as anyone may see them; what callers are allowed needs <see cref="Invalidation.Everything"/>.</summary>
    public static Invalidation Plans { get; } = Invalidation.OfPlatformEntry(PlansType, PublicPlans);

    /// <summary>A key was made, revoked, rotated or given other limits.</summary>
    public static Invalidation ApiKey(ApiKeyHash hash) => Invalidation.OfPlatformEntry(ApiKeyType, hash.ToString());

    /// <summary>A bearer token was revoked.</summary>
    public static Invalidation Token(Guid tokenId) => Invalidation.OfPlatformEntry(TokenType, tokenId.ToString());

    /// <summary>A user was added to or removed from a tenant, or has another role there.</summary>
    public static Invalidation Memberships(Guid userId) => Invalidation.OfPlatformEntry(MembershipsType, userId.ToString());

    /// <summary>Some tenant's single sign-on was changed: whose issuers there are.</summary>
    public static Invalidation Issuers { get; } = Invalidation.OfPlatformEntry(IssuersType, AllIssuers);

    /// <summary>A tenant's single sign-on at this issuer was made, changed or taken away.</summary>
    public static Invalidation SignOn(string issuer) => Invalidation.OfPlatformEntry(SignOnType, issuer);

    /// <summary>A subject of an issuer became a user of a tenant, or is none any more.</summary>
    public static Invalidation Subject(SingleSignOn.SubjectKey subject) => Invalidation.OfPlatformEntry(SubjectType, subject.ToString());

    /// <summary>A license was made or changed.</summary>
    public static Invalidation License(Guid tenantId, string key) => Invalidation.OfTenantEntry(tenantId, LicenseType, key);

    /// <summary>Something was revoked that apps can verify without asking.</summary>
    public static Invalidation Revocations(Guid tenantId) => Invalidation.OfTenantEntry(tenantId, RevocationsType, tenantId.ToString());

    /// <summary>A domain was verified, moved or removed, or a tenant's slug was taken.</summary>
    public static Invalidation Host(string host) => Invalidation.OfPlatformEntry(HostType, host.ToLowerInvariant());
}
