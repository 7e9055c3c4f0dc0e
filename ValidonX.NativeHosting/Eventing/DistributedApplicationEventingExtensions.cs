using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Calls back when something happens to a resource.</summary>
public static class DistributedApplicationEventingExtensions
{
    /// <summary>Calls back before the resource's process starts.</summary>
    public static IResourceBuilder<T> OnBeforeResourceStarted<T>(
        this IResourceBuilder<T> builder, Func<T, BeforeResourceStartedEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        var resource = builder.Resource;
        builder.ApplicationBuilder.Eventing.Subscribe<BeforeResourceStartedEvent>(
            resource, (happened, cancellation) => callback(resource, happened, cancellation));
        return builder;
    }

    /// <summary>Calls back when the resource runs and its health checks pass for the first time.</summary>
    public static IResourceBuilder<T> OnResourceReady<T>(
        this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        var resource = builder.Resource;
        builder.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(
            resource, (happened, cancellation) => callback(resource, happened, cancellation));
        return builder;
    }
}
