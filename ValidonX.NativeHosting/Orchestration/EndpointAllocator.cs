using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Orchestration;

/// <summary>Gives every endpoint its ports.</summary>
/// <remarks>
/// A process listens on the public port itself. Only where several replicas share an endpoint, each gets a port of its own, and a proxy
/// stands on the public one.
/// </remarks>
internal sealed class EndpointAllocator(PortPool ports, IConfiguration configuration)
{
    private readonly bool _randomize = configuration.GetValue<bool>(DistributedApplicationTestingBuilder.RandomizePortsKey);

    public void Allocate(DistributedApplicationModel model)
    {
        foreach (var resource in model.Resources.OfType<IResourceWithEndpoints>())
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
                Allocate(resource, endpoint);
        }
    }

    private void Allocate(IResource resource, EndpointAnnotation endpoint)
    {
        var replicas = resource.GetReplicaCount();

        // What Aspire calls the target port of a container is a port inside of it, and there is no inside here.
        var target = resource is ContainerResource ? null : endpoint.TargetPort;
        if (replicas > 1 && target is not null)
        {
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}' uses multiple replicas, and its endpoint '{endpoint.Name}' fixes the port of the process; they cannot share it.");
        }

        var port = Reserve(resource, endpoint.Port ?? target);
        endpoint.AllocatedEndpoint = new(endpoint, "localhost", port);
        endpoint.ProcessPorts = replicas == 1 ? [port] : [.. Enumerable.Range(0, replicas).Select(_ => ports.Reserve())];
    }

    private int Reserve(IResource resource, int? wanted) =>
        wanted is { } port && !_randomize ? ports.Reserve(port, resource.Name) : ports.Reserve();
}
