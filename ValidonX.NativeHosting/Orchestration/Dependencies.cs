using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Which resource needs which.</summary>
internal static class Dependencies
{
    /// <summary>Waits for everything that the app model wants waited for.</summary>
    public static Task WaitAsync(IResource resource, ResourceNotificationService notifications, CancellationToken cancellationToken) =>
        Task.WhenAll(resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.WaitType switch
        {
            WaitType.WaitUntilStarted => notifications.WaitForResourceAsync(wait.Resource.Name, KnownResourceStates.Running, cancellationToken),
            WaitType.WaitForCompletion => notifications.WaitForResourceAsync(
                wait.Resource.Name,
                update => KnownResourceStates.TerminalStates.Contains(update.Snapshot.State?.Text) && update.Snapshot.ExitCode == wait.ExitCode,
                cancellationToken),
            _ => notifications.WaitForResourceHealthyAsync(wait.Resource.Name, cancellationToken),
        }));

    /// <exception cref="DistributedApplicationException">Some resources wait for each other, so that none would ever start.</exception>
    public static void RefuseCycles(IEnumerable<IResource> resources)
    {
        var startable = new HashSet<IResource>();
        var path = new List<IResource>();
        foreach (var resource in resources)
            Visit(resource);

        void Visit(IResource resource)
        {
            if (startable.Contains(resource))
                return;

            if (path.IndexOf(resource) is >= 0 and var first)
            {
                throw new DistributedApplicationException(
                    $"These resources wait for each other: {string.Join(" -> ", path.Skip(first).Append(resource).Select(member => member.Name))}.");
            }

            path.Add(resource);
            foreach (var wait in resource.Annotations.OfType<WaitAnnotation>())
                Visit(wait.Resource);

            path.Remove(resource);
            startable.Add(resource);
        }
    }

    /// <summary>What a resource needs while it runs: what it waits for, what it refers to, what it belongs to.</summary>
    public static IEnumerable<IResource> Of(IResource resource)
    {
        foreach (var wait in resource.Annotations.OfType<WaitAnnotation>())
            yield return wait.Resource;

        foreach (var relation in resource.Annotations.OfType<ResourceRelationshipAnnotation>())
            yield return relation.Resource;

        if (resource is IResourceWithParent { Parent: var parent })
            yield return parent;
    }

    /// <summary>Does something for every resource, for one only after it is done for all that need it.</summary>
    public static async Task ForEachFromDependentsAsync(IReadOnlyCollection<IResource> resources, Func<IResource, Task> action)
    {
        var remaining = resources.ToHashSet();
        var running = new Dictionary<IResource, Task>();
        while (remaining.Count > 0 || running.Count > 0)
        {
            var needed = remaining.Concat(running.Keys).SelectMany(Of).ToHashSet();
            var free = remaining.Where(resource => !needed.Contains(resource)).ToArray();

            // Two resources that need each other have no order.
            if (free.Length == 0 && running.Count == 0)
                free = [.. remaining];

            foreach (var resource in free)
            {
                remaining.Remove(resource);
                running[resource] = action(resource);
            }

            await Task.WhenAny(running.Values);
            foreach (var (resource, task) in running.Where(entry => entry.Value.IsCompleted).ToArray())
            {
                running.Remove(resource);
                await task;
            }
        }
    }
}
