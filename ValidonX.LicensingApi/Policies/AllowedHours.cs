using System.Globalization;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Settings;

namespace ValidonX.LicensingApi.Policies;

/// <summary>The only hours in which a license is good, on the clocks of one time zone.</summary>
internal sealed record AllowedHours : IChecked
{
    private const string TimePattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$";

    private static readonly string[] Names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>On which days; absent: on all.</summary>
    [Texts(1, 7, 3, Of = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])]
    [Example("""["mon", "tue", "wed", "thu", "fri"]""")]
    public IReadOnlyList<string>? Days { get; init; }

    /// <summary>From which time of the day.</summary>
    [Text(5, 5, Pattern = TimePattern, PatternMessage = "Must be a time such as 08:00.")]
    [Example("08:00")]
    public required string From { get; init; }

    /// <summary>Until which time of the day; one that is not after `from` is the next day's.</summary>
    [Text(5, 5, Pattern = TimePattern, PatternMessage = "Must be a time such as 18:00.")]
    [Example("18:00")]
    public required string To { get; init; }

    /// <summary>On whose clocks (IANA).</summary>
    [TimeZone]
    [Example("Europe/Berlin")]
    public required string TimeZone { get; init; }

    /// <summary>When the hours end that the moment lies in; <see langword="null"/> when it lies in none.</summary>
    public DateTimeOffset? EndOf(DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(TimeZone);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        // Those that began yesterday may go on after midnight.
        foreach (var day in (DateOnly[])[today, today.AddDays(-1)])
        {
            var (start, end) = (At(zone, day, From), At(zone, IsOverMidnight ? day.AddDays(1) : day, To));
            if (now >= start && now < end && (Days is null || Days.Contains(Names[(int)day.DayOfWeek], StringComparer.Ordinal)))
            {
                return end;
            }
        }

        return null;
    }

    /// <summary>When the next hours begin, at most eight days on.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(TimeZone);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        return Enumerable.Range(0, 8)
            .Select(today.AddDays)
            .Where(day => Days is null || Days.Contains(Names[(int)day.DayOfWeek], StringComparer.Ordinal))
            .Select(day => (DateTimeOffset?)At(zone, day, From))
            .FirstOrDefault(start => start > now);
    }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (!at.Has("from") && !at.Has("to") && From is not null && From == To)
        {
            at.Of("to").Fail("Must differ from from.");
        }
    }

    private bool IsOverMidnight => string.CompareOrdinal(To, From) <= 0;

    private static DateTimeOffset At(TimeZoneInfo zone, DateOnly day, string time)
    {
        var local = day.ToDateTime(TimeOnly.ParseExact(time, "HH:mm", CultureInfo.InvariantCulture));
        // Where clocks are put forward there is no such time: the clock shows one that is an hour later.
        local = zone.IsInvalidTime(local) ? local.AddHours(1) : local;
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
