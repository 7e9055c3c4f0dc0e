using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ValidonX.RateLimiting;

/// <summary>
/// Joins before the gateway opens its port, keeps the membership while it runs, and leaves when it stops. Start order matters: the host starts
/// this before the server and stops it after.
/// </summary>
internal sealed partial class LeasingService(
    Membership membership, LeaseUpkeep upkeep, LeaseLink link, MonthlyCounters monthly, ReplicaState state, ILogger<LeasingService> logger)
    : IHostedService, IDisposable
{
    /// <summary>A first call may be slow on a busy machine, and one who joins late has nothing of its own in windows that have begun.</summary>
    private static readonly TimeSpan AwayPatience = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private long _flushedAt = state.Time.GetTimestamp();

    /// <summary>
    /// Joins, and waits for an empty Redis to settle and for this gateway's share, without which a Redis lost at once would leave it nothing to serve
    /// from. A Redis that is away delays the start by a second, a member that does not acknowledge this one by one more than Redis takes to settle.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var began = state.Time.GetTimestamp();
        while (true)
        {
            await membership.StepAsync();
            var isConnected = state.Link == LinkState.Connected;
            if (isConnected && membership.IsSettled && state.Share > 0) break;
            if (state.Time.GetElapsedTime(began) >= (isConnected ? state.Options.SettleTime + AwayPatience : AwayPatience)) break;
            await Task.Delay(TimeSpan.FromMilliseconds(100), state.Time, cancellationToken);
        }

        _running = RunAsync(_stopping.Token);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping.Cancel();
        await _running;
        if (state.Link == LinkState.Connected)
        {
            await upkeep.GiveBackAsync(isStopping: true);
            await membership.LeaveAsync();
            state.Left();
            link.Close();
        }

        await monthly.FlushAsync(cancellationToken);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await membership.WaitAsync(cancellationToken);
                await membership.StepAsync();
                await upkeep.RunAsync();
                if (state.Time.GetElapsedTime(_flushedAt) < state.Options.MonthlyFlushInterval) continue;
                _flushedAt = state.Time.GetTimestamp();
                await monthly.FlushAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                Log.StepFailed(logger, problem);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3031, LogLevel.Error, "Keeping the rate limits' membership failed; trying again.")]
        public static partial void StepFailed(ILogger logger, Exception problem);
    }
}
