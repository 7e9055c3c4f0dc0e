using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Display;

/// <summary>Shows a table of all resources once they are all up.</summary>
internal sealed class StackSummary(DistributedApplicationModel model, ResourceNotificationService notifications, StackConsole console)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var expected = model.Resources
            .Where(resource => resource is IResourceWithEndpoints or IResourceWithWaitSupport && !resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
            .ToArray();
        try
        {
            await foreach (var _ in notifications.WatchAsync(cancellationToken))
            {
                if (expected.All(IsSettled))
                {
                    Show(Stopwatch.GetElapsedTime(started));
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stack ends before it was up.
        }
    }

    private bool IsSettled(IResource resource)
    {
        var replicas = notifications.Find(resource.Name);
        return replicas.Count > 0 && replicas.All(replica =>
            ResourceNotificationService.IsHealthy(replica) || replica.Snapshot.State?.Text == KnownResourceStates.Finished);
    }

    private void Show(TimeSpan elapsed)
    {
        var rows = model.Resources.SelectMany(Rows).ToArray();
        var name = rows.Max(row => row.Name.Length);
        var state = rows.Max(row => row.State.Length);
        var lines = rows.Select(row => $"  {row.Name.PadRight(name)}  {row.State.PadRight(state)}  {row.Url}".TrimEnd());
        console.Say($"{Environment.NewLine}All resources are up after {elapsed.TotalSeconds:0.0} s.{Environment.NewLine}"
            + $"{string.Join(Environment.NewLine, lines)}{Environment.NewLine}Press Ctrl+C to stop.{Environment.NewLine}");
    }

    private IEnumerable<(string Name, string State, string Url)> Rows(IResource resource)
    {
        var replicas = notifications.Find(resource.Name);
        if (replicas.Count == 0)
            yield break;

        var snapshot = replicas[0].Snapshot;
        var state = snapshot.State?.Text == KnownResourceStates.Running ? snapshot.HealthStatus?.ToString() : snapshot.State?.Text;
        var count = replicas.Count == 1 ? "" : $" x {replicas.Count}";
        var urls = ResourceUrls.Of(resource);
        yield return ($"{resource.Name}{count}", state ?? "", urls.Count == 0 ? "" : Text(urls[0]));
        foreach (var further in urls.Skip(1))
            yield return ("", "", Text(further));
    }

    private static string Text(ResourceUrlAnnotation url) => url.DisplayText is null ? url.Url : $"{url.Url} ({url.DisplayText})";
}
