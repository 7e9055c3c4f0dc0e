using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ValidonX.AppHost.Running;

/// <summary>How a stack starts, lives and ends, whatever runs in it.</summary>
internal static class StackDefaults
{
    /// <summary>
    /// Lets a stack start with nothing configured, start fast, say in one sentence why it can not, restart what crashes, end in order and leave
    /// nothing behind. Called right after the builder is made and has its data folder, whose lock comes first: whoever starts a second stack learns
    /// that, and not which port is taken.
    /// </summary>
    public static IDistributedApplicationBuilder AddStackDefaults(this IDistributedApplicationBuilder builder) => builder
        .AddEnvironmentDefault()
        .AddDashboardDefaults()
        .AddQuietConsole()
        .AddParentWatch()
        .AddStartChecks()
        .AddDirectLaunch()
        .AddEnvironmentRules()
        .AddPatientHealthChecks()
        .AddCrashRestart()
        .AddOrderedStop();

    /// <summary>Runs the stack to its end. What keeps it from starting is one sentence on the console, not a stack trace.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunStackAsync(this DistributedApplication app)
    {
        try
        {
            await app.RunAsync();
            return 0;
        }
        catch (DistributedApplicationException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return 1;
        }
        catch (OperationCanceledException) when (IsEnding(app))
        {
            // It was asked to end before it had started.
            return 0;
        }
        finally
        {
            await app.DisposeAsync();
        }
    }

    private static bool IsEnding(DistributedApplication app) =>
        app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;
}
