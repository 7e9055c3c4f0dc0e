namespace ValidonX.Platform.Databases;

/// <summary>
/// The account that every service logs in as. By itself it may use the platform database and no tenant's; every tenant's
/// role is granted to it, and none is active until a tenant scope sets it.
/// </summary>
internal static class ServiceAccount
{
    /// <summary>Its name on every server.</summary>
    public const string Name = "vx_service";
}
