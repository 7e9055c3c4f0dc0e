using Aspire.Hosting.ApplicationModel;
using ValidonX.Tests.Hosting;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.EndToEnd.Kills;

/// <summary>The processes of a stack that are killed, one at a time and at random instants, and started again.</summary>
internal sealed class Victims(Stack stack, Random random)
{
    private static readonly string[] Names = ["licensing-api-1", "licensing-api-2", "provisioner", "provisioner-2"];

    /// <summary>How often each was killed.</summary>
    public Dictionary<string, int> Killed { get; } = Names.ToDictionary(name => name, _ => 0, StringComparer.Ordinal);

    /// <summary>Waits a random while, kills one of them with <c>kill -9</c>, and returns when it serves again as another process.</summary>
    public async Task KillOneAsync()
    {
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 1_500)), TestContext.Current.CancellationToken);
        var name = Names[random.Next(Names.Length)];
        var before = await HealthyAsync(name);
        await Signals.SendAsync(before.ProcessId(), "KILL");
        Killed[name]++;
        await Until.TrueAsync(
            async () =>
            {
                Assert.True(stack.App.ResourceNotifications.TryGetCurrentState(before.ResourceId, out var now));
                if (KnownResourceStates.TerminalStates.Contains(now.Snapshot.State?.Text))
                {
                    // Faster than the pause that grows with each crash. Who comes second is told that it runs.
                    await stack.App.ResourceCommands.ExecuteCommandAsync(before.ResourceId, KnownResourceCommands.StartCommand, TestContext.Current.CancellationToken);
                }

                return now.Snapshot.State?.Text == KnownResourceStates.Running && now.ProcessId() != before.ProcessId();
            },
            () => $"{name} is started again",
            Until.StartPatience);
        await HealthyAsync(name);
    }

    private Task<ResourceEvent> HealthyAsync(string name) =>
        stack.App.ResourceNotifications.WaitForResourceHealthyAsync(name, TestContext.Current.CancellationToken).WaitAsync(Until.StartPatience);
}
