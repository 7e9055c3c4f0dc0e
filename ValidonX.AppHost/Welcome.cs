using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

/// <summary>Prints what the demo wrote, bare of any log prefix, so that its lines can be pasted.</summary>
internal static class Welcome
{
    /// <summary>Waits in the background until the resource has ended, then prints its file.</summary>
    public static void PrintWhenFinished(DistributedApplication app, string resource, string file)
    {
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        lifetime.ApplicationStarted.Register(() => _ = PrintAsync(app, resource, file, lifetime.ApplicationStopping));
    }

    private static async Task PrintAsync(DistributedApplication app, string resource, string file, CancellationToken stopping)
    {
        try
        {
            await app.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates, stopping);
            Console.WriteLine(File.Exists(file)
                ? await File.ReadAllTextAsync(file, stopping)
                : $"The stack is up, but '{resource}' has failed: its log says why.");
        }
        catch (OperationCanceledException)
        {
            // The stack is stopping before the demo was done.
        }
    }
}
