using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>Registers what checks the tokens of tenants' issuers.</summary>
public static class SingleSignOnServices
{
    /// <summary>Adds the verifier and what it needs.</summary>
    public static IServiceCollection AddTokensOfIssuers(this IServiceCollection services)
    {
        services.AddOptions<SingleSignOnOptions>().BindConfiguration(SingleSignOnOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<Outbound.HostLookup>(Dns.GetHostAddressesAsync);
        services.AddSingleton<SingleSignOnMetrics>();
        services.AddSingleton<IssuerDocuments>();
        services.AddSingleton<Issuers>();
        services.AddSingleton<TokenVerifier>();
        return services;
    }
}
