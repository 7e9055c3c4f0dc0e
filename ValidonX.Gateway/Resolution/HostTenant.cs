namespace ValidonX.Gateway.Resolution;

/// <summary>The tenant that a host names.</summary>
internal sealed record HostTenant(Guid TenantId);
