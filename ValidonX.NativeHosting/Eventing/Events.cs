using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The stack is about to start; the app model may still be changed.</summary>
public class BeforeStartEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
{
    /// <summary>The services of the stack's host.</summary>
    public IServiceProvider Services { get; } = services;

    /// <summary>The app model.</summary>
    public DistributedApplicationModel Model { get; } = model;
}

/// <summary>All resources are on their way.</summary>
public class AfterResourcesCreatedEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
{
    /// <summary>The services of the stack's host.</summary>
    public IServiceProvider Services { get; } = services;

    /// <summary>The app model.</summary>
    public DistributedApplicationModel Model { get; } = model;
}

/// <summary>A resource's process is about to start.</summary>
public class BeforeResourceStartedEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    /// <inheritdoc/>
    public IResource Resource { get; } = resource;

    /// <summary>The services of the stack's host.</summary>
    public IServiceProvider Services { get; } = services;
}

/// <summary>A resource runs and its health checks pass, for the first time since the stack started.</summary>
public class ResourceReadyEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    /// <inheritdoc/>
    public IResource Resource { get; } = resource;

    /// <summary>The services of the stack's host.</summary>
    public IServiceProvider Services { get; } = services;
}
