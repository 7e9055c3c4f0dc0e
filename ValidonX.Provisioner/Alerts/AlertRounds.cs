using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Provisioner.Upkeep;

namespace ValidonX.Provisioner.Alerts;

/// <summary>Has a look made every few seconds, by whichever provisioner comes first. When it dies another one makes the next.</summary>
internal sealed partial class AlertRounds(
    PlatformDatabase platform, AlertRound round, DatabaseOutage outage, IOptions<AlertOptions> options, TimeProvider time, ILogger<AlertRounds> logger)
{
    /// <summary>Goes on until the token is canceled.</summary>
    public Task RunAsync(CancellationToken stopping) => Rounds.RunAsync(options.Value.Interval, time, TryAsync, stopping, isFirstAtOnce: false);

    /// <summary>Makes the look that is due, unless another one does.</summary>
    public async Task<bool> RunDueAsync(CancellationToken cancellationToken)
    {
        // A little earlier than the own timer ticks next, which would be late otherwise every other time.
        var now = time.GetUtcNow();
        var next = now + (options.Value.Interval * 0.9);
        await using (var connection = await platform.OpenAsync(cancellationToken))
        {
            // A clock that was wrong for a while does not hold up everybody.
            var isOurs = await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE alert_rounds SET due_at = @next WHERE id = 1 AND (due_at <= @now OR due_at > @next)", new { now, next }, cancellationToken: cancellationToken)) == 1;
            if (!isOurs)
            {
                return false;
            }
        }

        await round.RunAsync(cancellationToken);
        return true;
    }

    private async Task TryAsync(CancellationToken stopping)
    {
        try
        {
            await RunDueAsync(stopping);
        }
        catch (Exception away) when (DatabaseError.IsUnavailable(away))
        {
            outage.Note(away);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.NotLooked(logger, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Alerts could not be judged; the next look will.")]
        public static partial void NotLooked(ILogger logger, Exception exception);
    }
}
