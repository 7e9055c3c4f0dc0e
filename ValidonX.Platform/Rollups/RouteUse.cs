using System.Globalization;

namespace ValidonX.Platform.Rollups;

/// <summary>What the requests of one route came to within an hour.</summary>
/// <param name="Route">The route's template.</param>
/// <param name="Requests">How many.</param>
/// <param name="Errors">How many of them were answered with 500 and above.</param>
/// <param name="Duration">How long they took together.</param>
public readonly record struct RouteUse(string Route, long Requests, long Errors, TimeSpan Duration)
{
    /// <summary>Adds what was counted elsewhere.</summary>
    public RouteUse Add(RouteUse other) =>
        this with { Requests = Requests + other.Requests, Errors = Errors + other.Errors, Duration = Duration + other.Duration };

    /// <summary>As many are kept: a line each.</summary>
    public static string Write(IEnumerable<RouteUse> routes) => string.Join('\n', routes.Select(route =>
        string.Create(CultureInfo.InvariantCulture, $"{route.Requests} {route.Errors} {route.Duration.Ticks / TimeSpan.TicksPerMicrosecond} {route.Route}")));

    /// <summary>Reads what <see cref="Write"/> wrote; lines that are none are left out.</summary>
    public static IEnumerable<RouteUse> Read(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(' ', 4) is [var requests, var errors, var duration, var route]
                && long.TryParse(requests, NumberStyles.None, CultureInfo.InvariantCulture, out var counted)
                && long.TryParse(errors, NumberStyles.None, CultureInfo.InvariantCulture, out var failed)
                && long.TryParse(duration, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds))
            {
                yield return new RouteUse(route, counted, failed, TimeSpan.FromMicroseconds(microseconds));
            }
        }
    }

    /// <summary>Adds up what is of one route, the most called first.</summary>
    public static IReadOnlyList<RouteUse> Sum(IEnumerable<RouteUse> routes) =>
    [
        .. routes.GroupBy(route => route.Route, StringComparer.Ordinal)
            .Select(same => same.Aggregate((one, other) => one.Add(other)))
            .OrderByDescending(route => route.Requests)
            .ThenBy(route => route.Route, StringComparer.Ordinal),
    ];
}
