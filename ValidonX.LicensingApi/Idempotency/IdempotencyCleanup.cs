using System.Data.Common;

namespace ValidonX.LicensingApi.Idempotency;

/// <summary>Deletes idempotency keys that are over, every ten minutes.</summary>
internal sealed partial class IdempotencyCleanup(IdempotencyStore store, TimeProvider time, ILogger<IdempotencyCleanup> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await store.DeleteExpiredAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is DbException or TimeoutException)
            {
                Log.NotDeleted(logger, failure);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Expired idempotency keys were not deleted; the next round will.")]
        public static partial void NotDeleted(ILogger logger, Exception exception);
    }
}
