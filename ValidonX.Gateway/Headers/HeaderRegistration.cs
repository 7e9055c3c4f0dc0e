using Microsoft.AspNetCore.HttpOverrides;
using ValidonX.Gateway.Routing;

namespace ValidonX.Gateway.Headers;

/// <summary>Registers what concerns the server itself: its limits, its own answers, and whom it believes about the client's address.</summary>
internal static class HeaderRegistration
{
    private const string TrustedProxies = "Gateway:TrustedProxies";

    /// <summary>Sets the server's limits and gives its own refusals the envelope.</summary>
    public static void AddHeaderPolicies(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = ApiRoutes.MaximumBodyBytes;
            server.ConfigureEndpointDefaults(endpoint => endpoint.Use(RejectionOutput.Insert));
        });
        builder.Services.AddHostedService<RequestRejections>();
        builder.Services.AddOptions<ForwardedHeadersOptions>()
            .Configure(options =>
            {
                options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
                options.ForwardLimit = null;
                options.KnownProxies.Clear();
                options.KnownIPNetworks.Clear();
                foreach (var network in Trusted(builder.Configuration))
                {
                    options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
                }
            })
            .Validate(
                _ => Trusted(builder.Configuration).All(network => System.Net.IPNetwork.TryParse(network, out var _)),
                $"{TrustedProxies} must be networks in CIDR notation, such as 10.0.0.0/8.")
            .ValidateOnStart();
    }

    /// <summary>
    /// Behind proxies named in <c>Gateway:TrustedProxies</c> (networks in CIDR notation) the client's address is what they say; without,
    /// what a request claims about it is ignored.
    /// </summary>
    public static IApplicationBuilder UseTrustedProxies(this WebApplication app) =>
        Trusted(app.Configuration).Length > 0 ? app.UseForwardedHeaders() : app;

    private static string[] Trusted(IConfiguration configuration) => configuration.GetSection(TrustedProxies).Get<string[]>() ?? [];
}
