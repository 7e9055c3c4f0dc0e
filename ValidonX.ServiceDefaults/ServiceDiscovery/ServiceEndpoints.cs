using Microsoft.Extensions.Configuration;

namespace ValidonX.ServiceDefaults.ServiceDiscovery;

/// <summary>The addresses of the other services, as the AppHost injects them: <c>services__{name}__{scheme}__{index}</c>.</summary>
public sealed class ServiceEndpoints(IConfiguration configuration)
{
    private static readonly string[] Schemes = ["https", "http"];

    /// <summary>
    /// Every address of a service, one per replica where the host tells them apart; empty when there is none by that name. A service that
    /// has both is spoken to over HTTPS.
    /// </summary>
    public IReadOnlyList<Uri> Of(string name) =>
        Schemes.Select(scheme => Of(name, scheme)).FirstOrDefault(addresses => addresses.Count > 0) ?? [];

    private List<Uri> Of(string name, string scheme) =>
        [.. configuration.GetSection($"services:{name}:{scheme}").GetChildren()
            .Select(child => child.Value)
            .Where(value => Uri.TryCreate(value, UriKind.Absolute, out _))
            .Select(value => new Uri(value!))];
}
