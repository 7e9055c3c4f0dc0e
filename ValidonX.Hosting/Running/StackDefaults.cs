using Aspire.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ValidonX.Hosting.Running;

/// <summary>How a stack starts, lives and ends, whatever runs in it.</summary>
public static class StackDefaults
{
    /// <summary>
    /// Lets a stack start with nothing configured, start fast, say in one sentence why it can not, restart what crashes, end in order and leave
    /// nothing behind. Called right after the builder is made.
    /// </summary>
    public static IDistributedApplicationBuilder AddStackDefaults(this IDistributedApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // The data folder's lock comes first: whoever starts a second stack learns that, and not which port is taken.
        Data.DataFolder.Of(builder);
        return builder
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
    }

    /// <summary>Runs the stack to its end. What keeps it from starting is one sentence on the console, not a stack trace.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunStackAsync(this DistributedApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
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
