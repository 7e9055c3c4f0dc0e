using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Display;
using Aspire.Hosting.Processes;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>Starts all resources of the stack and stops them in the opposite order.</summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model,
    IEnumerable<ILauncher> launchers,
    ReplicaServices services,
    EndpointAllocator endpoints,
    StackSummary summary) : IHostedService, IAsyncDisposable
{
    private readonly List<Replica> _replicas = [];
    private readonly List<ReplicaProxy> _proxies = [];
    private readonly CancellationTokenSource _ending = new();
    private Task _observing = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        services.Data.Acquire();
        await services.Eventing.PublishAsync(new BeforeStartEvent(services.Services, model), cancellationToken);
        Dependencies.RefuseCycles(model.Resources);
        await RequiredParameters.CheckAsync(model, cancellationToken);
        foreach (var resource in model.Resources)
        {
            if (Launcher(resource) is { } launcher)
                await launcher.FindProgramAsync(resource, cancellationToken);
        }

        endpoints.Allocate(model);
        foreach (var resource in model.Resources)
            Add(resource);

        services.Console.Align(_replicas.Select(replica => replica.Label));

        _observing = Task.WhenAll(ReadyObserver.RunAsync(model, services, _ending.Token), summary.RunAsync(_ending.Token));
        foreach (var replica in _replicas)
        {
            if (!replica.Resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
                await replica.StartAsync();
        }

        await services.Eventing.PublishAsync(new AfterResourcesCreatedEvent(services.Services, model), cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
        await _observing;
        foreach (var proxy in _proxies)
            await proxy.DisposeAsync();

        _proxies.Clear();
        await Dependencies.ForEachFromDependentsAsync(
            [.. model.Resources],
            resource => Task.WhenAll(_replicas.Where(replica => ReferenceEquals(replica.Resource, resource)).Select(replica => replica.StopAsync())));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        foreach (var replica in _replicas)
            await replica.DisposeAsync();

        _replicas.Clear();
        _ending.Dispose();
    }

    private void Add(IResource resource)
    {
        if (Launcher(resource) is not { } launcher)
        {
            // A resource without a process, such as a connection string from configuration, is there from the beginning.
            if (resource is IResourceWithConnectionString and not IResourceWithParent)
                services.Notifications.Publish(resource, resource.Name, snapshot => snapshot with { State = KnownResourceStates.Running });

            return;
        }

        var replicas = Enumerable.Range(0, resource.GetReplicaCount()).Select(index => new Replica(resource, index, launcher, services)).ToArray();
        _replicas.AddRange(replicas);
        LifecycleCommands.AddTo(resource, replicas);
        if (replicas.Length == 1)
            return;

        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var port = endpoint.AllocatedEndpoint!.Port;
            services.Ports.Release(port);
            _proxies.Add(new ReplicaProxy(port, endpoint.ProcessPorts, index => replicas[index].IsHealthy));
        }
    }

    private ILauncher? Launcher(IResource resource) => launchers.FirstOrDefault(launcher => launcher.CanLaunch(resource));
}
