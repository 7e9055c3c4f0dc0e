using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Display;
using Microsoft.Extensions.DependencyInjection;

namespace ValidonX.Tests.NativeHosting;

/// <summary>A small stack of a test's own: silent, with random ports, and with data that is gone after it unless a folder is named.</summary>
internal static class Stack
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    public static IDistributedApplicationBuilder Describe(string? dataFolder = null, params string[] settings)
    {
        string[] data = dataFolder is null ? ["--NativeHosting:TemporaryData=true"] : [$"--VALIDONX_DATA={dataFolder}"];
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = ["--environment=Development", "--DcpPublisher:RandomizePorts=true", .. data, .. settings],
            AssemblyName = typeof(Projects.ValidonX_AppHost).Assembly.FullName,
        });
        builder.Services.AddSingleton(StackConsole.Silent);
        return builder;
    }

    public static async Task<DistributedApplication> StartAsync(this IDistributedApplicationBuilder builder)
    {
        var app = builder.Build();
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds a shell script.</summary>
    public static IResourceBuilder<ExecutableResource> AddScript(this IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "sh", "/tmp", "-c", script);

    public static Task<ResourceEvent> WaitAsync(this DistributedApplication app, string resource, Func<ResourceEvent, bool> predicate) =>
        app.PatientlyAsync(resource, app.ResourceNotifications.WaitForResourceAsync(resource, predicate, TestContext.Current.CancellationToken));

    public static Task<ResourceEvent> WaitForStateAsync(this DistributedApplication app, string resource, string state) =>
        app.WaitAsync(resource, update => update.Snapshot.State?.Text == state);

    public static Task WaitUntilHealthyAsync(this DistributedApplication app, string resource) =>
        app.PatientlyAsync(resource, app.ResourceNotifications.WaitForResourceHealthyAsync(resource, TestContext.Current.CancellationToken));

    /// <summary>The first line of the resource's log that is as asked for.</summary>
    public static async Task<string> WaitForLineAsync(this DistributedApplication app, string resource, Func<string, bool> predicate)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var logs = app.Services.GetRequiredService<ResourceLoggerService>();
        await foreach (var lines in logs.WatchAsync(resource).WithCancellation(patience.Token))
        {
            if (lines.FirstOrDefault(line => predicate(line.Content)).Content is { } found)
                return found;
        }

        throw new InvalidOperationException($"The log of '{resource}' ended without the line.");
    }

    public static int ProcessId(this ResourceEvent update) =>
        (int)update.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value!;

    private static async Task<ResourceEvent> PatientlyAsync(this DistributedApplication app, string resource, Task<ResourceEvent> waiting)
    {
        try
        {
            return await waiting.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            var logs = app.Services.GetRequiredService<ResourceLoggerService>();
            var story = app.Services.GetRequiredService<DistributedApplicationModel>().Resources
                .SelectMany(any => app.ResourceNotifications.Find(any.Name))
                .Select(update => $"{update.ResourceId}: {update.Snapshot}\n{string.Join('\n', logs.LastLines(update.ResourceId, 20).Select(line => line.Content))}");
            throw new TimeoutException($"Waited in vain for '{resource}'.\n{string.Join('\n', story)}");
        }
    }
}
