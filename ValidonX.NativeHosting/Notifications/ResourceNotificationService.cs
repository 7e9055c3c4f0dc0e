using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows the state of every resource, tells it, and lets others wait for it.</summary>
public class ResourceNotificationService : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(ResourceName.Comparer);
    private readonly List<Channel<ResourceEvent>> _watchers = [];

    internal ResourceNotificationService()
    {
    }

    /// <summary>Changes the state of every replica of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="stateFactory">Makes the new state of the old one.</param>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        foreach (var replica in Find(resource.Name))
            Publish(resource, replica.ResourceId, stateFactory);

        return Task.CompletedTask;
    }

    /// <summary>Changes the state of one replica of a resource.</summary>
    /// <inheritdoc cref="PublishUpdateAsync(IResource, Func{CustomResourceSnapshot, CustomResourceSnapshot})"/>
    public Task PublishUpdateAsync(
        IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        Publish(resource, resourceId, stateFactory);
        return Task.CompletedTask;
    }

    /// <summary>The present state of a replica by its id, or of a resource's first replica by the resource's name.</summary>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        resourceEvent = Find(resourceId) is [var first, ..] ? first : null;
        return resourceEvent is not null;
    }

    /// <summary>Waits until a replica of the resource is in a state; <see cref="KnownResourceStates.Running"/> when null.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits until a replica of the resource is in one of several states.</summary>
    /// <returns>The state it is in.</returns>
    public async Task<string> WaitForResourceAsync(
        string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToArray();
        var reached = await WaitForResourceAsync(
            resourceName, update => states.Contains(update.Snapshot.State?.Text, StringComparer.OrdinalIgnoreCase), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until a replica of the resource is as asked for.</summary>
    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        await foreach (var update in WatchAsync(cancellationToken))
        {
            if (ResourceName.Comparer.Equals(update.Resource.Name, resourceName) && predicate(update))
                return update;
        }

        throw new OperationCanceledException($"The stack ended before the resource '{resourceName}' was as asked for.");
    }

    /// <summary>Waits until every replica of the resource runs and its health checks pass.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, _ => Find(resourceName).All(IsHealthy), cancellationToken);

    /// <summary>The state of every replica now, and every change from now on.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new() { SingleReader = true });
        lock (_gate)
        {
            foreach (var update in _current.Values)
                channel.Writer.TryWrite(update);

            _watchers.Add(channel);
        }

        try
        {
            await foreach (var update in channel.Reader.ReadAllAsync(cancellationToken))
                yield return update;
        }
        finally
        {
            lock (_gate)
                _watchers.Remove(channel);
        }
    }

    /// <summary>Ends all watching.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        lock (_gate)
        {
            foreach (var watcher in _watchers)
                watcher.Writer.TryComplete();
        }
    }

    internal static bool IsHealthy(ResourceEvent update) => update.Snapshot.HealthStatus == HealthStatus.Healthy;

    /// <summary>The state of the replica with this id, or of all replicas of the resource with this name.</summary>
    internal IReadOnlyList<ResourceEvent> Find(string idOrName)
    {
        lock (_gate)
        {
            return _current.TryGetValue(idOrName, out var one)
                ? [one]
                : [.. _current.Values.Where(update => ResourceName.Comparer.Equals(update.Resource.Name, idOrName))];
        }
    }

    internal void Publish(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(stateFactory);
        lock (_gate)
        {
            var old = _current.TryGetValue(resourceId, out var known) ? known.Snapshot : Initial(resource);
            var update = new ResourceEvent(resource, resourceId, stateFactory(old));
            _current[resourceId] = update;
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(update);
        }
    }

    private static CustomResourceSnapshot Initial(IResource resource) => new()
    {
        ResourceType = resource switch
        {
            ProjectResource => "Project",
            ExecutableResource => "Executable",
            ContainerResource => "Container",
            _ => resource.GetType().Name,
        },
        Properties = [],
    };
}
