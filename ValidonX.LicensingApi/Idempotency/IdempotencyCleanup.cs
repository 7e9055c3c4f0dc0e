using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Idempotency;

/// <summary>Deletes idempotency keys that are over, every ten minutes.</summary>
internal sealed class IdempotencyCleanup(IdempotencyStore store, DatabaseOutage outage, TimeProvider time) : BackgroundService
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
            catch (Exception failure) when (DatabaseError.IsFailure(failure))
            {
                // The next round deletes them.
                outage.Note(failure);
            }
        }
    }
}
