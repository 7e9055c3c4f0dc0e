using Aspire.Hosting.Display;
using Aspire.Hosting.Health;
using Aspire.Hosting.MySql;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Redis;
using Aspire.Hosting.Servers;
using Aspire.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Orchestration;

internal static class OrchestrationServices
{
    public static void AddOrchestration(this IServiceCollection services)
    {
        services.AddSingleton<PortPool>();
        services.AddSingleton<EndpointAllocator>();
        services.AddSingleton<ResourceSettings>();
        services.AddSingleton<ServerCatalog>();
        services.AddSingleton<TelemetryEnvironment>();
        services.AddSingleton<ReplicaServices>();
        services.AddSingleton<StackSummary>();
        services.AddSingleton<ILauncher, ProjectLauncher>();
        services.AddSingleton<ILauncher, ExecutableLauncher>();
        services.AddSingleton<ILauncher, MySqlLauncher>();
        services.AddSingleton<ILauncher, RedisLauncher>();
        services.AddHostedService<Orchestrator>();
        services.AddHostedService<ParentWatch>();
        services.AddHttpClient(HttpProbe.ClientName)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    }
}
