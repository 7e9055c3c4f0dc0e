using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ValidonX.ServiceDefaults.Shutdown;

namespace ValidonX.ServiceDefaults.Health;

/// <summary>
/// Looks at everything that the service needs, at an interval and not when someone asks: whoever asks is answered from memory, so that asking, however
/// often, costs neither database nor Redis anything. A service that is stopping, and one whose looks do not end, is not ready at once.
/// </summary>
internal sealed partial class HealthMonitor(
    HealthCheckService checks,
    Drain drain,
    IOptions<HealthOptions> options,
    TimeProvider time,
    ILogger<HealthMonitor> logger) : BackgroundService
{
    private static readonly HealthAnswer Starting = HealthAnswer.Of("start", "The service is starting.");
    private static readonly HealthAnswer Stopping = HealthAnswer.Of("drain", "The service is stopping.");
    private static readonly HealthAnswer Stuck = HealthAnswer.Of("monitor", "The health of the service is not known.");

    private HealthAnswer _latest = Starting;
    private long _latestAt;

    /// <summary>How the service is.</summary>
    public HealthAnswer Latest
    {
        get
        {
            if (drain.IsUnderWay)
            {
                return Stopping;
            }

            var latest = Volatile.Read(ref _latest);
            var oldest = (options.Value.Interval + options.Value.Timeout) * 2;
            return latest != Starting && time.GetElapsedTime(Volatile.Read(ref _latestAt)) > oldest ? Stuck : latest;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // The limit of each check is in its registration; this one is for a check that does not heed it.
                Note(await checks.CheckHealthAsync(stoppingToken).WaitAsync(options.Value.Timeout * 1.5, time, stoppingToken));
                await Task.Delay(options.Value.Interval / (_latest.IsReady ? 1 : 4), time, stoppingToken);
            }
            catch (TimeoutException)
            {
                // Latest grows too old by itself.
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private void Note(HealthReport report)
    {
        var latest = HealthAnswer.Of(report);
        foreach (var (name, entry) in report.Entries)
        {
            if (latest.States[name] != _latest.States.GetValueOrDefault(name, HealthStatus.Healthy))
            {
                Log.Changed(logger, name, entry.Status, entry.Description ?? "");
            }
        }

        Volatile.Write(ref _latestAt, time.GetTimestamp());
        Volatile.Write(ref _latest, latest);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Health of {Check}: {Status}. {Description}")]
        public static partial void Changed(ILogger logger, string check, HealthStatus status, string description);
    }
}
