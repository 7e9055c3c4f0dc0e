using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Rollups;
using ValidonX.Provisioner.Upkeep;

namespace ValidonX.Provisioner.Rollups;

/// <summary>Carries the hours of tenants' roll-ups from Redis into the platform database every few minutes, at its start those of a whole day.</summary>
internal sealed partial class HourlyRollups(
    HourRollups hours, DatabaseOutage outage, IOptions<RetentionOptions> options, TimeProvider time, ILogger<HourlyRollups> logger)
{
    // The hour before, too: what was counted at its end came a moment later.
    private static readonly TimeSpan Back = TimeSpan.FromHours(1);

    /// <summary>Goes on until the token is canceled.</summary>
    public Task RunAsync(CancellationToken stopping)
    {
        var back = UseHistory.MinutesKept;
        return Rounds.RunAsync(options.Value.RollupInterval, time, async token => back = await TryWriteAsync(back, token) ? Back : UseHistory.MinutesKept, stopping);
    }

    private async Task<bool> TryWriteAsync(TimeSpan back, CancellationToken stopping)
    {
        try
        {
            await hours.WriteAsync(back, stopping);
            return true;
        }
        catch (Exception away) when (DatabaseError.IsUnavailable(away))
        {
            outage.Note(away);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.NotWritten(logger, RedisFailure.Is(failure) ? "Redis is away." : failure.Message);
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The hours of tenants' roll-ups were not written and will be later, as long as Redis keeps them (a day). {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);
    }
}
