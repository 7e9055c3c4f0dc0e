using System.Text.Json;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.ServiceDefaults.ServiceDiscovery;

namespace ValidonX.Gateway.Clusters;

/// <summary>
/// Where clusters are written down. Of two with the same name the later source wins: service discovery (the default cluster), configuration
/// (<c>Gateway:Clusters:{name}:{n}</c>), the platform database (<c>gateway_clusters</c>).
/// </summary>
internal sealed class ClusterSources(IConfiguration configuration, ServiceEndpoints services, PlatformDatabase platform)
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Gateway:Clusters";

    /// <summary>What is known without a database.</summary>
    public IReadOnlyList<ClusterDefinition> Configured()
    {
        var clusters = new Dictionary<string, ClusterDefinition>(StringComparer.OrdinalIgnoreCase);
        if (services.Of(ClusterNames.Default) is { Count: > 0 } replicas)
        {
            clusters[ClusterNames.Default] = new ClusterDefinition(
                ClusterNames.Default,
                [.. replicas.Select(replica => replica.ToString())],
                $"services:{ClusterNames.Default}");
        }

        foreach (var section in configuration.GetSection(Section).GetChildren())
        {
            clusters[section.Key] = new ClusterDefinition(section.Key, [.. section.GetChildren().Select(child => child.Value ?? "")], section.Path);
        }

        return [.. clusters.Values];
    }

    /// <summary>What the platform database holds.</summary>
    public async Task<IReadOnlyList<ClusterDefinition>> StoredAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Name, string Destinations)>(new CommandDefinition(
            "SELECT name, destinations FROM gateway_clusters ORDER BY name",
            cancellationToken: cancellationToken));
        return [.. rows.Select(row => new ClusterDefinition(row.Name, Addresses(row.Destinations), "table gateway_clusters"))];
    }

    /// <summary>Lets the later source win.</summary>
    public static IReadOnlyList<ClusterDefinition> Merge(IReadOnlyList<ClusterDefinition> configured, IReadOnlyList<ClusterDefinition> stored) =>
        [.. configured.Where(one => !stored.Any(other => string.Equals(other.Name, one.Name, StringComparison.OrdinalIgnoreCase))), .. stored];

    /// <summary>A column that is no JSON array of strings becomes one bad address, which validation then reports like any other.</summary>
    private static string[] Addresses(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json) ?? [];
        }
        catch (JsonException)
        {
            return [json];
        }
    }
}
