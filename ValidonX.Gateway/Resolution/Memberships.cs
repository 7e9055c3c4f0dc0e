using ValidonX.Platform.Accounts;

namespace ValidonX.Gateway.Resolution;

/// <summary>The tenants of a user with the user's role in each.</summary>
internal sealed record Memberships(IReadOnlyDictionary<Guid, TenantRole> Roles);
