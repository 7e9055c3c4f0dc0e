using Microsoft.Extensions.Configuration;

namespace ValidonX.AppHost;

/// <summary>How large the stack is; more of everything is a matter of configuration, for instance <c>Stack__Gateways=3</c>.</summary>
internal sealed record StackSize
{
    /// <summary>Gateways.</summary>
    public int Gateways { get; init; } = 1;

    /// <summary>The first gateway's port; null for any free one.</summary>
    public int? GatewayPort { get; init; } = 5080;

    /// <summary>Whether the portal is wanted.</summary>
    public bool Portal { get; init; } = true;

    /// <summary>The portal's port; null for any free one.</summary>
    public int? PortalPort { get; init; } = 5090;

    /// <summary>
    /// The domain under which each tenant has a subdomain. Browsers find <c>acme.localhost</c> on this machine by themselves (RFC 6761 §6.3), so that white label can be seen in development.
    /// </summary>
    public string? BaseDomain { get; init; }

    /// <summary>Licensing APIs.</summary>
    public int LicensingApiReplicas { get; init; } = 2;

    /// <summary>Provisioners.</summary>
    public int ProvisionerReplicas { get; init; } = 1;

    /// <summary>Database servers.</summary>
    public int DatabaseServers { get; init; } = 1;

    /// <summary>Whether the demo tenants are wanted.</summary>
    public bool Demo { get; init; } = true;

    /// <summary>What <c>Stack:*</c> asks for.</summary>
    public static StackSize Of(IConfiguration configuration)
    {
        var size = configuration.GetSection("Stack").Get<StackSize>() ?? new();
        // Where ports shall be random, as under test, that holds for the one that everybody knows too.
        return configuration.GetValue<bool>("DcpPublisher:RandomizePorts") ? size with { GatewayPort = null, PortalPort = null } : size;
    }
}
