using System.Diagnostics;

namespace ValidonX.Benchmarks.Load;

/// <summary>One load's outcome.</summary>
/// <param name="Good">Answers with 2xx.</param>
/// <param name="Bad">All others, broken connections included.</param>
/// <param name="PerSecond">Good answers a second.</param>
/// <param name="P50">Median latency of good answers.</param>
/// <param name="P99">99th percentile.</param>
internal sealed record LoadResult(long Good, long Bad, double PerSecond, TimeSpan P50, TimeSpan P99)
{
    /// <summary>Puts the connections' parts together.</summary>
    public static LoadResult Merge(IReadOnlyCollection<LoadPart> parts, TimeSpan elapsed)
    {
        var latencies = new long[parts.Sum(part => part.Latencies.Count)];
        var filled = 0;
        foreach (var part in parts)
        {
            part.Latencies.CopyTo(latencies, filled);
            filled += part.Latencies.Count;
        }

        Array.Sort(latencies);
        var all = parts.Sum(part => part.Statuses.Values.Sum());
        return new LoadResult(
            latencies.Length,
            all - latencies.Length,
            latencies.Length / elapsed.TotalSeconds,
            Percentile(latencies, 0.50),
            Percentile(latencies, 0.99));
    }

    private static TimeSpan Percentile(long[] sorted, double share) =>
        sorted.Length == 0
            ? TimeSpan.Zero
            : TimeSpan.FromSeconds(sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)] / (double)Stopwatch.Frequency);
}
