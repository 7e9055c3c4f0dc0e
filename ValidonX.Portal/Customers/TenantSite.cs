using ValidonX.Portal.Gateway;

namespace ValidonX.Portal.Customers;

/// <summary>The tenant whose host a request came by; a feature of the request. There is none at the portal's own hosts.</summary>
/// <param name="Host">The host, without its port: what the gateway is told.</param>
/// <param name="Look">How the tenant's pages look; null when it is not in service.</param>
internal sealed record TenantSite(string Host, Branding? Look)
{
    /// <summary>What the tenant calls itself.</summary>
    public string Name => Look?.DisplayName ?? Host;

    /// <summary>The customer who is let in, if one is.</summary>
    public string? Token { get; init; }

    /// <summary>Of a request.</summary>
    public static TenantSite? Of(HttpContext? context) => context?.Features.Get<TenantSite>();
}
