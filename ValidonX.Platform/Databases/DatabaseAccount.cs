namespace ValidonX.Platform.Databases;

/// <summary>
/// The accounts that services log in as, each with what its work needs and no more (docs/decisions/0015-accounts-and-transport.md). Only the provisioner is administrator.
/// </summary>
internal static class DatabaseAccount
{
    /// <summary>
    /// The tenant pools', on every server. By itself it may use nothing, the platform database least of all; every tenant's role is granted to it, and none is
    /// active until a tenant scope sets it.
    /// </summary>
    public const string Tenants = "vx_service";

    /// <summary>The gateways', on the platform database: reads what resolution needs, writes what a gateway notes.</summary>
    public const string Gateway = "vx_gateway";

    /// <summary>The licensing APIs', on the platform database.</summary>
    public const string Api = "vx_api";
}
