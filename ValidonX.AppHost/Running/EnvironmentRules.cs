using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace ValidonX.AppHost.Running;

/// <summary>Which environment a stack is in, and what of it its services see.</summary>
internal static class EnvironmentRules
{
    private const string Dashboard = "aspire-dashboard";
    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>What belongs to a collector of the operator's own.</summary>
    private static readonly string[] CollectorSettings =
    [
        Collector, "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL",
    ];

    /// <summary>A debug build that nobody tells otherwise is a developer's, with a launch profile or without.</summary>
    public static IDistributedApplicationBuilder AddEnvironmentDefault(this IDistributedApplicationBuilder builder)
    {
        var isDebug = builder.AppHostAssembly?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration == "Debug";
        if (isDebug && builder.Configuration[HostDefaults.EnvironmentKey] is null)
            builder.Environment.EnvironmentName = Environments.Development;

        return builder;
    }

    /// <summary>
    /// Processes inherit the AppHost's variables: what only it may know, all secrets among it, is blanked. Telemetry goes to the collector that
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names in the AppHost's configuration, else to the dashboard.
    /// </summary>
    public static IDistributedApplicationBuilder AddEnvironmentRules(this IDistributedApplicationBuilder builder)
    {
        builder.OnBeforeStart((start, _) =>
        {
            var own = Environment.GetEnvironmentVariables().Keys.Cast<string>()
                .Where(name => name == "DOTNET_LAUNCH_PROFILE" || name.StartsWith("Parameters__", StringComparison.OrdinalIgnoreCase))
                .ToArray();
            var collector = builder.Configuration[Collector];
            foreach (var resource in start.Model.Resources.Where(resource => resource is ProjectResource or ExecutableResource && resource.Name != Dashboard))
            {
                resource.Annotations.Add(new EnvironmentCallbackAnnotation(variables =>
                {
                    foreach (var name in own)
                        variables.TryAdd(name, "");

                    if (!string.IsNullOrEmpty(collector) && resource is ProjectResource)
                    {
                        // Its own key is the dashboard's affair.
                        variables.Remove("OTEL_EXPORTER_OTLP_HEADERS");
                        foreach (var name in CollectorSettings)
                        {
                            if (builder.Configuration[name] is { Length: > 0 } value)
                                variables[name] = value;
                        }
                    }
                    else if (!start.Model.Resources.Any(other => other.Name == Dashboard))
                    {
                        // A service that stops would wait for a collector that never was.
                        variables.Remove(Collector);
                    }
                }));
            }

            return Task.CompletedTask;
        });
        return builder;
    }
}
