using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ValidonX.AppHost;

/// <summary>Prints what the demo wrote, bare of any log prefix, so that its lines can be pasted.</summary>
internal static class Welcome
{
    /// <summary>What stands in the file for the dashboard's login link.</summary>
    private const string DashboardMark = "{dashboard}";

    /// <summary>Waits in the background until the stack is up and the resource has ended, then prints its file.</summary>
    public static void PrintWhenFinished(DistributedApplication app, string resource, string file)
    {
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        lifetime.ApplicationStarted.Register(() => _ = PrintAsync(app, resource, file, lifetime.ApplicationStopping));
    }

    // The link is a credential: it goes to the console and into no file.
    private static string DashboardLogin(IConfiguration configuration) =>
        $"{configuration["ASPNETCORE_URLS"]?.Split(';')[0]}/login?t={configuration["AppHost:BrowserToken"]}";

    private static async Task PrintAsync(DistributedApplication app, string resource, string file, CancellationToken stopping)
    {
        try
        {
            await app.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates, stopping);
            var text = File.Exists(file)
                ? await File.ReadAllTextAsync(file, stopping)
                : $"The stack is up, but '{resource}' has failed: its log says why.";
            Console.WriteLine(text.Replace(DashboardMark, DashboardLogin(app.Services.GetRequiredService<IConfiguration>()), StringComparison.Ordinal));
        }
        catch (OperationCanceledException)
        {
            // The stack is stopping before the demo was done.
        }
    }
}
