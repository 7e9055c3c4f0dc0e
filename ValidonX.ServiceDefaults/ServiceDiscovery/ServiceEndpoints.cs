using Microsoft.Extensions.Configuration;

namespace ValidonX.ServiceDefaults.ServiceDiscovery;

/// <summary>The addresses of the other services, as the AppHost injects them: <c>services__{name}__{scheme}__{index}</c>.</summary>
public sealed class ServiceEndpoints(IConfiguration configuration)
{
    private static readonly string[] Schemes = ["http", "https"];

    /// <summary>Every address of a service, one per replica where the host tells them apart; empty when there is none by that name.</summary>
    public IReadOnlyList<Uri> Of(string name) =>
        [.. Schemes
            .SelectMany(scheme => configuration.GetSection($"services:{name}:{scheme}").GetChildren())
            .Select(child => child.Value)
            .Where(value => Uri.TryCreate(value, UriKind.Absolute, out _))
            .Select(value => new Uri(value!))];
}
