using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ValidonX.AppHost.Running;

/// <summary>Starts again what has crashed; Aspire leaves it ended.</summary>
internal sealed partial class CrashRestart(
    ResourceNotificationService notifications, ResourceCommandService commands, ResourceLoggerService logs, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private readonly Dictionary<string, Observed> _observed = [];

    public async Task WatchAsync()
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(lifetime.ApplicationStopping))
            {
                if (change.Resource is not (ProjectResource or ExecutableResource or ContainerResource))
                    continue;

                if (!_observed.TryGetValue(change.ResourceId, out var observed))
                    _observed[change.ResourceId] = observed = new();

                if (observed.HasCrashed(change.Snapshot, time.GetTimestamp))
                    _ = RestartAsync(change, observed);
            }
        }
        catch (OperationCanceledException)
        {
            // The stack ends.
        }
    }

    private async Task RestartAsync(ResourceEvent crash, Observed observed)
    {
        try
        {
            var pause = observed.BackOff.Next(time.GetElapsedTime(observed.RunningSince));
            Restarting(logs.GetLogger(crash.ResourceId), crash.Snapshot.ExitCode, pause.TotalSeconds);
            await Task.Delay(pause, time, lifetime.ApplicationStopping);
            // Somebody may have been faster, by the dashboard's command.
            if (notifications.TryGetCurrentState(crash.ResourceId, out var now) && KnownResourceStates.TerminalStates.Contains(now.Snapshot.State?.Text))
                await commands.ExecuteCommandAsync(crash.ResourceId, KnownResourceCommands.StartCommand, lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException)
        {
            // The stack ends.
        }
    }

    [LoggerMessage(LogLevel.Warning, "The process ended with exit code {ExitCode}; it is started again in {Pause} s.")]
    private static partial void Restarting(ILogger logger, int? exitCode, double pause);

    /// <summary>One process as far as it was seen.</summary>
    private sealed class Observed
    {
        private bool _isRunning;

        public BackOff BackOff { get; } = new();

        public long RunningSince { get; private set; }

        /// <summary>Whether this state is the end of a process that ran, that nobody asked to stop, and that failed.</summary>
        public bool HasCrashed(CustomResourceSnapshot snapshot, Func<long> now)
        {
            var state = snapshot.State?.Text;
            if (state == KnownResourceStates.Running)
            {
                if (!_isRunning)
                    RunningSince = now();

                _isRunning = true;
                return false;
            }

            if (state == KnownResourceStates.Stopping)
            {
                _isRunning = false;
                return false;
            }

            if (!_isRunning || !KnownResourceStates.TerminalStates.Contains(state))
                return false;

            _isRunning = false;
            return snapshot.ExitCode is not 0;
        }
    }
}

/// <summary>How long a crashed process waits for its next start: twice as long each time, until it has run for a while.</summary>
internal sealed class BackOff
{
    /// <summary>The first pause.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);

    /// <summary>After running this long a process counts as stable.</summary>
    public static readonly TimeSpan Stable = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = First;

    /// <summary>The pause before the next start.</summary>
    /// <param name="ran">How long the process ran.</param>
    public TimeSpan Next(TimeSpan ran)
    {
        var pause = ran >= Stable ? First : _next;
        _next = pause * 2 > Longest ? Longest : pause * 2;
        return pause;
    }
}

/// <summary>Adds restarts to a stack.</summary>
internal static class CrashRestartRegistration
{
    public static IDistributedApplicationBuilder AddCrashRestart(this IDistributedApplicationBuilder builder)
    {
        builder.OnBeforeStart((start, cancellation) =>
        {
            // From before the first resource on: the host's own start returns only when everything runs.
            if (builder.ExecutionContext.IsRunMode)
                _ = ActivatorUtilities.CreateInstance<CrashRestart>(start.Services, TimeProvider.System).WatchAsync();

            return Task.CompletedTask;
        });
        return builder;
    }
}
