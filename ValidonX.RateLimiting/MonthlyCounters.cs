using Microsoft.Extensions.Logging;

namespace ValidonX.RateLimiting;

/// <summary>Between the monthly windows of this gateway and the <see cref="IMonthlyCounterStore"/>.</summary>
internal sealed partial class MonthlyCounters(
    IMonthlyCounterStore store, PartitionRegistry registry, ReplicaState state, ILogger<MonthlyCounters> logger) : IDisposable
{
    private const int BatchSize = 500;
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _flushing = new(1, 1);

    /// <summary>The counts for the script, <c>writer=used,…</c>, with a dash when there are none; empty when the store cannot be read.</summary>
    public async Task<string> ReadSeedAsync(LeasedPartition partition)
    {
        if (!state.Clock.IsSet) return "";
        var month = MonthOf(state.Clock.At(state.Time.GetTimestamp()).Earliest);
        try
        {
            var counts = await store.ReadAsync(partition.KeyPrefix, month, CancellationToken.None).WaitAsync(ReadTimeout, state.Time);
            return counts.Count == 0 ? "-" : string.Join(',', counts.Select(static count => $"{count.Writer}={count.Used}"));
        }
        catch (Exception problem)
        {
            Log.Unreadable(logger, problem.GetType().Name);
            return "";
        }
    }

    /// <summary>Writes what was spent since the last flush. A failure loses nothing: the next flush says the same and more.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _flushing.WaitAsync(cancellationToken);
        try
        {
            List<(LeasedWindow Window, long Spent)> flushed = [];
            List<MonthlyUse> uses = [];
            foreach (var (window, partition) in registry.Held)
            {
                if (!window.IsMonth || window.Spent is var spent && spent <= window.Flushed) continue;
                flushed.Add((window, spent));
                uses.Add(new(partition.KeyPrefix, MonthOf(window.Start), state.Writer, spent));
            }

            for (var at = 0; at < uses.Count; at += BatchSize)
            {
                await store.RaiseAsync(uses.GetRange(at, Math.Min(BatchSize, uses.Count - at)), cancellationToken);
                foreach (var (window, spent) in flushed.Skip(at).Take(BatchSize)) window.Flushed = spent;
            }
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            Log.Unwritable(logger, problem.GetType().Name);
        }
        finally
        {
            _flushing.Release();
        }
    }

    public void Dispose() => _flushing.Dispose();

    private static DateOnly MonthOf(long microseconds)
    {
        var instant = DateTime.UnixEpoch.AddMicroseconds(microseconds);
        return new DateOnly(instant.Year, instant.Month, 1);
    }

    // The store tells of its own absence, once; here it would be a line for each window.
    private static partial class Log
    {
        [LoggerMessage(3011, LogLevel.Debug, "Monthly counters cannot be read ({Problem}); trying again with the next request.")]
        public static partial void Unreadable(ILogger logger, string problem);

        [LoggerMessage(3012, LogLevel.Debug, "Monthly counters cannot be written ({Problem}); trying again.")]
        public static partial void Unwritable(ILogger logger, string problem);
    }
}
