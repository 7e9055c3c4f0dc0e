namespace ValidonX.Platform.Databases;

/// <summary>
/// Configuration section <c>DatabaseServers</c> of the provisioner: the administrator's login and the servers, which bind from
/// <c>DatabaseServers:0:Name</c>, <c>DatabaseServers:1:Name</c>, …
/// </summary>
public sealed class DatabaseServersOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "DatabaseServers";

    /// <summary>An account that may create databases, roles and accounts, on every server.</summary>
    public string AdminUser { get; set; } = "root";

    /// <summary>Its password.</summary>
    public string AdminPassword { get; set; } = "";

    /// <summary>The servers; the first holds the platform database too.</summary>
    public IList<DatabaseServer> Servers { get; } = [];
}
