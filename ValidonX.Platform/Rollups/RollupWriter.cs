using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using ValidonX.Coherence;

namespace ValidonX.Platform.Rollups;

/// <summary>
/// Writes every few seconds what this process has counted to Redis: the minute's whole state under the process's own field, so that writing it again
/// changes nothing. While Redis is away minutes are held; a process that is killed loses one interval.
/// </summary>
internal sealed partial class RollupWriter(
    Tallies tallies, IConnectionMultiplexer redis, IOptions<RollupOptions> options, TimeProvider time, ILogger<RollupWriter> logger) : BackgroundService
{
    private const int AtOnce = 200;

    // A process that starts again counts from nothing, in fields of its own.
    private readonly string _source = Guid.NewGuid().ToString("N")[..12];
    private bool _isAway;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync();
    }

    /// <summary>Writes what has changed.</summary>
    internal async Task FlushAsync()
    {
        try
        {
            foreach (var some in tallies.All().Select(one => (one.TenantId, one.Part, one.Tally, Changes: one.Tally.Changes())).Where(one => one.Changes.Count > 0).Chunk(AtOnce))
            {
                await Task.WhenAll(some.SelectMany(one => Write(one.TenantId, $"{_source}{one.Part}", one.Changes)));
                foreach (var one in some)
                {
                    one.Tally.Written(one.Changes);
                }
            }

            Note(isAway: false);
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            Note(isAway: true);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.FlushInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: StopAsync writes the rest.
        }
    }

    private IEnumerable<Task> Write(Guid tenantId, string source, IReadOnlyList<TenantTally.Changed> changes)
    {
        var database = redis.GetDatabase();
        foreach (var ofHour in changes.GroupBy(change => TenantTally.Hour(change.At)))
        {
            var key = RollupKeys.OfHour(tenantId, ofHour.Key);
            var end = ofHour.Key + RollupKeys.Kept;
            yield return database.HashSetAsync(key, [.. ofHour.Select(change => new HashEntry(RollupKeys.Field(change.At, change.IsRoutes, source), change.Text))]);
            yield return database.KeyExpireAsync(key, end);
            if (tenantId != Guid.Empty)
            {
                yield return database.SetAddAsync(RollupKeys.TenantsOf(ofHour.Key), tenantId.ToString());
                yield return database.KeyExpireAsync(RollupKeys.TenantsOf(ofHour.Key), end);
            }
        }
    }

    private void Note(bool isAway)
    {
        if (isAway != _isAway)
        {
            _isAway = isAway;
            if (isAway)
            {
                Log.Away(logger, TenantTally.MostMinutes);
            }
            else
            {
                Log.Back(logger);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Roll-ups of tenants cannot be written: Redis is away. The last {Minutes} minutes are held.")]
        public static partial void Away(ILogger logger, int minutes);

        [LoggerMessage(2, LogLevel.Information, "Roll-ups of tenants are written again.")]
        public static partial void Back(ILogger logger);
    }
}
