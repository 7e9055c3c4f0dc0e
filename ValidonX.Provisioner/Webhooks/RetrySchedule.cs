namespace ValidonX.Provisioner.Webhooks;

/// <summary>When a delivery that failed is tried again (CONTRACT §7): ten tries within three days.</summary>
internal static class RetrySchedule
{
    /// <summary>The longest that a receiver can ask us to wait.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(24);

    /// <summary>The pauses, each after the next failure.</summary>
    public static readonly IReadOnlyList<TimeSpan> Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    // What failed together does not come back together.
    private const double MostJitter = 0.1;

    /// <summary>The pause after so many failures, or <see langword="null"/> when it is given up.</summary>
    /// <param name="failures">Failures of this series of tries, this one included.</param>
    /// <param name="asked">What the receiver has asked for in <c>Retry-After</c>.</param>
    /// <param name="random">Spreads it, upward only.</param>
    public static TimeSpan? After(int failures, TimeSpan? asked, Random random)
    {
        if (failures > Pauses.Count)
        {
            return null;
        }

        var pause = Pauses[failures - 1] * (1 + (random.NextDouble() * MostJitter));
        return asked is { } wish && wish > pause ? wish < LongestWait ? wish : LongestWait : pause;
    }
}
