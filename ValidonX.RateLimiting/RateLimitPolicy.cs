namespace ValidonX.RateLimiting;

/// <summary>A named quota of requests per window. Who is not limited simply has no policy.</summary>
public sealed record RateLimitPolicy
{
    /// <param name="name">Lower-case letters; a part of Redis keys.</param>
    /// <param name="quota">Requests per window, 0 to 10^15; 0 refuses everything.</param>
    /// <param name="window">When the quota starts anew.</param>
    /// <exception cref="ArgumentException">The name is not of lower-case letters, or the quota is out of range.</exception>
    public RateLimitPolicy(string name, long quota, QuotaWindow window)
    {
        if (name.Length is 0 or > 32 || name.AsSpan().ContainsAnyExceptInRange('a', 'z'))
            throw new ArgumentException("A policy's name is 1 to 32 lower-case letters.", nameof(name));
        ArgumentOutOfRangeException.ThrowIfNegative(quota);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quota, 1_000_000_000_000_000);
        Name = name;
        Quota = quota;
        Window = window;
        QuotaText = string.Create(null, $"{quota}");
    }

    public string Name { get; }

    public long Quota { get; }

    public QuotaWindow Window { get; }

    /// <summary>The quota in digits, so that writing it allocates nothing.</summary>
    public string QuotaText { get; }
}

/// <summary>
/// A window of fixed length, aligned to the Unix epoch on the server's clock, or a calendar month in UTC. Lengths are whole seconds, so
/// that every window begins on one.
/// </summary>
public readonly record struct QuotaWindow
{
    private readonly int _seconds;

    private QuotaWindow(int seconds) => _seconds = seconds;

    /// <summary>A calendar month in UTC.</summary>
    public static QuotaWindow Month { get; }

    /// <param name="seconds">1 to 86 400.</param>
    /// <exception cref="ArgumentOutOfRangeException">Any other length.</exception>
    public static QuotaWindow OfSeconds(int seconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seconds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seconds, 86_400);
        return new QuotaWindow(seconds);
    }

    public bool IsMonth => _seconds == 0;

    /// <summary>Length in seconds; a month counts as 30 days.</summary>
    public int Seconds => IsMonth ? 30 * 86_400 : _seconds;

    /// <summary>How the length is spelled in a Redis key.</summary>
    internal string Tag => IsMonth ? "month" : string.Create(null, $"{_seconds}");

    /// <summary>The window that holds an instant: [start, end), all in microseconds since the Unix epoch.</summary>
    internal (long Start, long End) At(long microseconds)
    {
        if (IsMonth)
        {
            var instant = DateTime.UnixEpoch.AddMicroseconds(microseconds);
            var start = new DateTime(instant.Year, instant.Month, 1, 0, 0, 0, DateTimeKind.Utc);
            return (Microseconds(start), Microseconds(start.AddMonths(1)));
        }

        var length = _seconds * 1_000_000L;
        var begin = microseconds - microseconds % length;
        return (begin, begin + length);
    }

    private static long Microseconds(DateTime instant) => (instant - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
