using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Tells when a resource is ready, and lets databases follow their server.</summary>
internal static class ReadyObserver
{
    public static async Task RunAsync(DistributedApplicationModel model, ReplicaServices services, CancellationToken cancellationToken)
    {
        var children = model.Resources.OfType<IResourceWithParent>().ToLookup(child => child.Parent);
        var ready = new HashSet<IResource>();
        try
        {
            await foreach (var update in services.Notifications.WatchAsync(cancellationToken))
            {
                foreach (var child in children[update.Resource])
                {
                    services.Notifications.Publish(
                        child, child.Name, snapshot => snapshot with { State = update.Snapshot.State, HealthReports = update.Snapshot.HealthReports });
                }

                if (services.Notifications.Find(update.Resource.Name).All(ResourceNotificationService.IsHealthy) && ready.Add(update.Resource))
                    _ = TellAsync(update.Resource, services, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stack ends.
        }
    }

    private static async Task TellAsync(IResource resource, ReplicaServices services, CancellationToken cancellationToken)
    {
        try
        {
            await services.Eventing.PublishAsync(new ResourceReadyEvent(resource, services.Services), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stack ends.
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            services.Console.Fail(resource.Name, $"is ready, but what should follow failed: {exception.Message}");
        }
    }
}
