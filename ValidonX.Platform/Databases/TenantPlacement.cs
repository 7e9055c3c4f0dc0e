namespace ValidonX.Platform.Databases;

/// <summary>Where a tenant's data lives: its id (which gives the role), its server and its database there.</summary>
public sealed record TenantPlacement(Guid TenantId, string ServerName, DatabaseName Database)
{
    /// <summary>The role that may read and write the database.</summary>
    public RoleName Role { get; } = RoleName.Of(TenantId);
}
