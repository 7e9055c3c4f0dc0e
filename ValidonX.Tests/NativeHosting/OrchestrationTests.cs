using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ValidonX.Tests.NativeHosting;

public sealed class OrchestrationTests
{
    private const string Forever = "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done";

    [Fact]
    public async Task A_resource_starts_only_when_what_it_waits_for_is_healthy()
    {
        var mayBeHealthy = false;
        var builder = Stack.Describe();
        builder.Services.AddHealthChecks().AddCheck("base-ready", () => mayBeHealthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        var lower = builder.AddScript("base", Forever).WithHealthCheck("base-ready");
        builder.AddScript("dependent", Forever).WaitFor(lower);
        await using var app = await builder.StartAsync();

        await app.WaitAsync("base", update => update.Snapshot.HealthReports is [{ Status: HealthStatus.Unhealthy }]);
        Assert.True(app.ResourceNotifications.TryGetCurrentState("dependent", out var waiting));
        Assert.Equal(KnownResourceStates.Waiting, waiting.Snapshot.State?.Text);

        mayBeHealthy = true;
        var running = await app.WaitForStateAsync("dependent", KnownResourceStates.Running);
        Assert.True(app.ResourceNotifications.TryGetCurrentState("base", out var healthy));
        Assert.Equal(HealthStatus.Healthy, healthy.Snapshot.HealthStatus);
        Assert.True(running.Snapshot.StartTimeStamp >= healthy.Snapshot.StartTimeStamp);
    }

    [Fact]
    public async Task A_resource_can_wait_until_another_has_done_its_work()
    {
        var builder = Stack.Describe();
        var work = builder.AddScript("work", "sleep 0.2; exit 3");
        builder.AddScript("after", "exit 0").WaitForCompletion(work, exitCode: 3);
        await using var app = await builder.StartAsync();

        var finished = await app.WaitForStateAsync("after", KnownResourceStates.Finished);

        Assert.Equal(0, finished.Snapshot.ExitCode);
    }

    [Fact]
    public async Task A_crashed_process_is_started_again_and_others_see_that_it_was_away()
    {
        var builder = Stack.Describe();
        builder.AddScript("service", Forever);
        await using var app = await builder.StartAsync();
        var first = (await app.WaitForStateAsync("service", KnownResourceStates.Running)).ProcessId();

        // Watched from before the kill: the process is away for half a second only.
        var crash = app.WaitForStateAsync("service", KnownResourceStates.Exited);
        using (var process = Process.GetProcessById(first))
            process.Kill();

        var crashed = await crash;
        var again = await app.WaitAsync("service", update => update.Snapshot.State?.Text == KnownResourceStates.Running && update.ProcessId() != first);
        Assert.Equal(128 + 9, crashed.Snapshot.ExitCode);
        Assert.NotEqual(first, again.ProcessId());
    }

    [Fact]
    public async Task A_process_that_ends_well_is_not_started_again()
    {
        var builder = Stack.Describe();
        builder.AddScript("task", "echo ran; exit 0");
        builder.AddScript("crashing", "exit 1");
        await using var app = await builder.StartAsync();

        // While the one crashes a second time, the other has had the same time to be started again.
        await app.WaitForStateAsync("task", KnownResourceStates.Finished);
        await app.WaitForStateAsync("crashing", KnownResourceStates.Exited);
        await app.WaitForStateAsync("crashing", KnownResourceStates.Running);

        Assert.True(app.ResourceNotifications.TryGetCurrentState("task", out var task));
        Assert.Equal(KnownResourceStates.Finished, task.Snapshot.State?.Text);
    }

    [Fact]
    public async Task Commands_stop_start_and_restart_a_resource()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var builder = Stack.Describe();
        builder.AddScript("service", Forever).WithExplicitStart();
        await using var app = await builder.StartAsync();
        await app.WaitForStateAsync("service", KnownResourceStates.NotStarted);

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.StartCommand, cancellation)).Success);
        await app.WaitForLineAsync("service", line => line == "up");
        var first = (await app.WaitForStateAsync("service", KnownResourceStates.Running)).ProcessId();

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.RestartCommand, cancellation)).Success);
        var second = (await app.WaitForStateAsync("service", KnownResourceStates.Running)).ProcessId();
        Assert.NotEqual(first, second);

        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.StopCommand, cancellation)).Success);
        Assert.False(GuardedProcessTests.IsAlive(second));
        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("service", "unknown", cancellation)).Success);
        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("unknown", KnownResourceCommands.StopCommand, cancellation)).Success);
    }

    [Fact]
    public async Task A_command_of_ones_own_receives_what_it_needs()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var builder = Stack.Describe();
        builder.AddScript("service", Forever).WithCommand("greet", "Greet", context =>
            Task.FromResult(CommandResults.Success($"{context.ResourceName} has {context.Services.GetRequiredService<DataFolder>().Root}")));
        builder.AddScript("other", Forever).WithCommand("fail", "Fail", _ => throw new InvalidOperationException("no"));
        await using var app = await builder.StartAsync();

        var greeting = await app.ResourceCommands.ExecuteCommandAsync("service", "greet", cancellation);
        var failure = await app.ResourceCommands.ExecuteCommandAsync("other", "fail", cancellation);

        Assert.StartsWith("service-", greeting.Message, StringComparison.Ordinal);
        Assert.Equal((false, "no"), (failure.Success, failure.Message));
    }

    [Fact]
    public async Task Resources_are_stopped_before_those_that_they_need()
    {
        var order = Path.Combine(Directory.CreateTempSubdirectory("validonx-order-").FullName, "order");
        var builder = Stack.Describe();
        var lower = builder.AddScript("lower", Recording("lower"));
        var middle = builder.AddScript("middle", Recording("middle")).WaitForStart(lower);
        builder.AddScript("upper", Recording("upper")).WaitForStart(middle);
        await using (var app = await builder.StartAsync())
        {
            foreach (var name in (string[])["lower", "middle", "upper"])
                await app.WaitForLineAsync(name, line => line == "up");
        }

        Assert.Equal(["upper", "middle", "lower"], await File.ReadAllLinesAsync(order, TestContext.Current.CancellationToken));
        Directory.Delete(Path.GetDirectoryName(order)!, recursive: true);

        string Recording(string name) => $"trap 'sleep 0.1; echo {name} >>{order}; exit 0' TERM; echo up; while :; do sleep 0.05; done";
    }

    [Fact]
    public async Task Whoever_wants_to_know_is_told_when_a_resource_is_ready()
    {
        var told = new TaskCompletionSource<string>();
        var builder = Stack.Describe();
        builder.AddScript("service", Forever).OnResourceReady((resource, _, _) =>
        {
            told.TrySetResult(resource.Name);
            return Task.CompletedTask;
        });
        await using var app = await builder.StartAsync();

        Assert.Equal("service", await told.Task.WaitAsync(Stack.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_program_that_is_not_there_ends_the_start_with_one_sentence()
    {
        var builder = Stack.Describe();
        builder.AddExecutable("tool", "no-such-program", ".");

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(builder.StartAsync);

        Assert.Equal("The program no-such-program, which 'tool' runs, was not found; install it.", exception.Message);
    }

    [Fact]
    public async Task A_server_that_is_not_there_ends_the_start_with_one_sentence()
    {
        var builder = Stack.Describe(null, "--VALIDONX_MYSQLD=/nonexistent/mysqld");
        builder.AddMySql("mysql");

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(builder.StartAsync);

        Assert.Equal("VALIDONX_MYSQLD names /nonexistent/mysqld, which does not exist.", exception.Message);
    }

    [Fact]
    public void Two_resources_cannot_share_a_name()
    {
        var builder = Stack.Describe();
        builder.AddScript("service", Forever);

        Assert.Throws<DistributedApplicationException>(() => builder.AddScript("Service", Forever));
        DataFolder.Of(builder).Dispose();
    }
}
