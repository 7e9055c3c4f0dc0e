namespace ValidonX.Platform.Plans;

/// <summary>The plan that a tenant's database holds the entitlements of.</summary>
/// <param name="Code">The plan's code.</param>
/// <param name="Version">The plan's version.</param>
public sealed record TenantPlan(string Code, long Version);
