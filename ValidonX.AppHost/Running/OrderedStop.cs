using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ValidonX.AppHost.Running;

/// <summary>
/// Ends services before what they need: Aspire signals everything nearly together, so that a gateway's last calls meet no API, and everybody's
/// last telemetry no collector. What is left then, servers and dashboard, Aspire ends itself.
/// </summary>
internal sealed class OrderedStop(DistributedApplicationModel model, ResourceCommandService commands) : IHostedService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private bool _isDone;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // A host may be asked to stop more than once.
        if (_isDone)
            return;

        _isDone = true;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            foreach (var stage in Stages(model.Resources.OfType<ProjectResource>()))
                await Task.WhenAll(stage.Select(project => commands.ExecuteCommandAsync(project, KnownResourceCommands.StopCommand, limit.Token)));
        }
        catch (OperationCanceledException)
        {
            // Aspire ends what did not stop in time.
        }
    }

    /// <summary>The resources in the order in which they stop: nobody before all that wait for it at their start.</summary>
    internal static IEnumerable<IReadOnlyList<T>> Stages<T>(IEnumerable<T> resources)
        where T : IResource
    {
        var left = resources.ToList();
        while (left.Count > 0)
        {
            var needed = left.SelectMany(resource => resource.Annotations.OfType<WaitAnnotation>()).Select(wait => wait.Resource).ToHashSet();
            var stage = left.Where(resource => !needed.Contains(resource)).ToList();
            // Resources that wait for each other never start; they do not keep others from stopping.
            if (stage.Count == 0)
                stage = [.. left];

            left.RemoveAll(stage.Contains);
            yield return stage;
        }
    }
}

/// <summary>Adds an ordered end to a stack.</summary>
internal static class OrderedStopRegistration
{
    // Hosted services stop in reverse order, so this one, registered after Aspire's, stops before them.
    public static IDistributedApplicationBuilder AddOrderedStop(this IDistributedApplicationBuilder builder)
    {
        builder.Services.AddHostedService<OrderedStop>();
        return builder;
    }
}
