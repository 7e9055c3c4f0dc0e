using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Aspire.Hosting.Display;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Health;
using Aspire.Hosting.Processes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration;

/// <summary>What every replica needs to live.</summary>
internal sealed record ReplicaServices(
    ResourceNotificationService Notifications,
    ResourceLoggerService Logs,
    ResourceSettings Settings,
    IDistributedApplicationEventing Eventing,
    IServiceProvider Services,
    IHttpClientFactory HttpClients,
    HealthCheckService HealthChecks,
    PortPool Ports,
    DataFolder Data,
    StackConsole Console,
    TimeProvider Time)
{
    /// <summary>All that is asked to tell whether a replica is ready.</summary>
    public IReadOnlyList<IReadinessProbe> Probes(IResource resource, int replica, Launch launch)
    {
        var probes = new List<IReadinessProbe>();
        if (launch.Probe is not null)
            probes.Add(launch.Probe);

        foreach (var check in resource.Annotations.OfType<HttpHealthCheckAnnotation>())
        {
            var name = $"{resource.Name}_{check.Endpoint.EndpointName}_{check.Path}_{check.StatusCode}_check";
            var address = new Uri(new Uri(check.Endpoint.ReplicaUrl(replica)), check.Path);
            probes.Add(new HttpProbe(name, address, check.StatusCode, () => HttpClients.CreateClient(HttpProbe.ClientName)));
        }

        foreach (var check in resource.Annotations.OfType<HealthCheckAnnotation>())
            probes.Add(new RegisteredProbe(check.Key, HealthChecks));

        return probes;
    }
}
