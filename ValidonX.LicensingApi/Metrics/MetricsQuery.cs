using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Rollups;

namespace ValidonX.LicensingApi.Metrics;

/// <summary>Which metrics are asked for.</summary>
internal sealed record MetricsQuery : IChecked
{
    private const int Minute = 60;
    private const int Hour = 3_600;
    private const int Day = 86_400;
    private const int MaximumSteps = 1_500;

    /// <summary>From when on; absent: an hour before `to`. Rounded down to a whole step.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Until when; absent: now. Rounded up to a whole step.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>
    /// How many seconds a value stands for: whole minutes that divide an hour, as far as the last 24 hours are concerned, or whole hours that divide a day. Absent:
    /// as fits.
    /// </summary>
    [Whole(Minute, Day)]
    [Example("60")]
    public int? Step { get; init; }

    /// <summary>What is to be read.</summary>
    public (DateTime From, DateTime To, TimeSpan Step) Span(DateTimeOffset now)
    {
        var (from, to) = Asked(now);
        var step = Step ?? Fitting(from, to, now);
        var ticks = step * TimeSpan.TicksPerSecond;
        return (
            new DateTime(from.UtcTicks - (from.UtcTicks % ticks), DateTimeKind.Utc),
            new DateTime(to.UtcTicks + ((ticks - (to.UtcTicks % ticks)) % ticks), DateTimeKind.Utc),
            TimeSpan.FromSeconds(step));
    }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (Step is { } asked && (asked < Hour ? asked % Minute != 0 || Hour % asked != 0 : asked % Hour != 0 || Day % asked != 0))
        {
            at.Of("step").Fail("Must be whole minutes that divide an hour, or whole hours that divide a day.");
        }

        if (at.Has("from") || at.Has("to") || at.Has("step"))
        {
            return;
        }

        var (from, to) = Asked(at.Now);
        var step = Step ?? Fitting(from, to, at.Now);
        if (from > to)
        {
            at.Of("from").Fail("Must not lie after 'to'.");
        }
        else if (to > at.Now.AddDays(1))
        {
            at.Of("to").Fail("Must not lie more than a day ahead.");
        }
        else if ((to - from).TotalSeconds / step > MaximumSteps)
        {
            at.Of("step").Fail($"Must not make more than {MaximumSteps} steps between 'from' and 'to'.");
        }
        else if (step < Hour && from < at.Now - UseHistory.MinutesKept)
        {
            at.Of("step").Fail("Steps of less than an hour (3600) are there for the last 24 hours.");
        }
    }

    private static int Fitting(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now) =>
        from < now - UseHistory.MinutesKept ? (to - from > TimeSpan.FromDays(14) ? Day : Hour)
        : to - from <= TimeSpan.FromHours(3) ? Minute
        : 5 * Minute;

    private (DateTimeOffset From, DateTimeOffset To) Asked(DateTimeOffset now)
    {
        var to = To ?? now;
        return (From ?? (to > DateTimeOffset.MinValue.AddHours(1) ? to.AddHours(-1) : DateTimeOffset.MinValue), to);
    }
}
