using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace ValidonX.Hosting.Running;

/// <summary>Which environment a stack is in, and what of it its services see.</summary>
internal static class EnvironmentRules
{
    private const string Dashboard = "aspire-dashboard";

    /// <summary>A debug build that nobody tells otherwise is a developer's, with a launch profile or without.</summary>
    public static IDistributedApplicationBuilder AddEnvironmentDefault(this IDistributedApplicationBuilder builder)
    {
        var isDebug = builder.AppHostAssembly?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration == "Debug";
        if (isDebug && builder.Configuration[HostDefaults.EnvironmentKey] is null)
            builder.Environment.EnvironmentName = Environments.Development;

        return builder;
    }

    /// <summary>Processes inherit the AppHost's variables: what only it may know, all secrets among it, is blanked.</summary>
    public static IDistributedApplicationBuilder AddEnvironmentRules(this IDistributedApplicationBuilder builder)
    {
        builder.OnBeforeStart((start, _) =>
        {
            var own = Environment.GetEnvironmentVariables().Keys.Cast<string>()
                .Where(name => name == "DOTNET_LAUNCH_PROFILE" || name.StartsWith("Parameters__", StringComparison.OrdinalIgnoreCase))
                .ToArray();
            var hasDashboard = start.Model.Resources.Any(resource => resource.Name == Dashboard);
            foreach (var resource in start.Model.Resources.Where(resource => resource is ProjectResource or ExecutableResource && resource.Name != Dashboard))
            {
                resource.Annotations.Add(new EnvironmentCallbackAnnotation(variables =>
                {
                    foreach (var name in own)
                        variables.TryAdd(name, "");

                    // A service that stops would wait for a collector that never was.
                    if (!hasDashboard)
                        variables.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");
                }));
            }

            return Task.CompletedTask;
        });
        return builder;
    }
}
