using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>The commands that start and stop the processes of a resource.</summary>
internal static class LifecycleCommands
{
    public static void AddTo(IResource resource, IReadOnlyList<Replica> replicas)
    {
        Add(KnownResourceCommands.StartCommand, "Start", replica => replica.StartAsync());
        Add(KnownResourceCommands.StopCommand, "Stop", replica => replica.StopAsync());
        Add(KnownResourceCommands.RestartCommand, "Restart", replica => replica.RestartAsync());

        void Add(string name, string displayName, Func<Replica, Task> execute) => resource.Annotations.Add(
            new ResourceCommandAnnotation(name, displayName, context => RunAsync(replicas, context, execute), new()));
    }

    private static async Task<ExecuteCommandResult> RunAsync(
        IReadOnlyList<Replica> replicas, ExecuteCommandContext context, Func<Replica, Task> execute)
    {
        var replica = replicas.First(replica => ResourceName.Comparer.Equals(replica.Id, context.ResourceName));
        await execute(replica).WaitAsync(context.CancellationToken);
        return CommandResults.Success();
    }
}
