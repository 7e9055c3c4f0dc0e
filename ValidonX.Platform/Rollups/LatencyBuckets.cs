using System.Numerics;

namespace ValidonX.Platform.Rollups;

/// <summary>
/// Classes of duration, four to each doubling, so that a percentile read from them is off by an eighth at most: class 0 ends at 64 µs, the
/// last begins at about two minutes and has no end.
/// </summary>
internal static class LatencyBuckets
{
    /// <summary>How many classes there are.</summary>
    public const int Count = 85;

    private const int First = 6;
    private const int Split = 2;

    /// <summary>The class of a duration.</summary>
    public static int Of(TimeSpan duration)
    {
        var microseconds = (ulong)Math.Max(0, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        var doubling = BitOperations.Log2(microseconds | 1);
        return doubling < First
            ? 0
            : Math.Min(Count - 1, 1 + ((doubling - First) << Split) + (int)((microseconds >> (doubling - Split)) & 3));
    }

    /// <summary>The duration below which a share of all that was counted lies, in milliseconds; null when nothing was counted.</summary>
    /// <param name="counts">How many there were of each class.</param>
    /// <param name="share">Above 0 and up to 1.</param>
    public static double? Percentile(ReadOnlySpan<long> counts, double share)
    {
        var all = 0L;
        foreach (var count in counts)
        {
            all += count;
        }

        var wanted = Math.Ceiling(all * share);
        var below = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0 && below + counts[i] >= wanted)
            {
                return (Start(i) + ((Start(i + 1) - Start(i)) * (wanted - below) / counts[i])) / 1_000;
            }

            below += counts[i];
        }

        return null;
    }

    /// <summary>Where a class begins, in microseconds.</summary>
    private static double Start(int bucket) =>
        bucket == 0 ? 0 : Math.ScaleB(4 + ((bucket - 1) & 3), First + ((bucket - 1) >> Split) - Split);
}
