using System.Globalization;

namespace ValidonX.Portal.Components.Parts;

/// <summary>The time whose metrics a page shows: so far back from now, or from one moment until another.</summary>
/// <param name="Range">How far back, as the page's address has it.</param>
/// <param name="From">From when on.</param>
/// <param name="To">Until when; null: until now.</param>
/// <param name="Step">How many seconds a point stands for; null: as fits.</param>
public sealed record SeenTime(string? Range, DateTimeOffset From, DateTimeOffset? To, int? Step)
{
    private const string Format = "yyyy-MM-ddTHH:mm:ss'Z'";

    /// <summary>What the page's address asks for; what cannot be read counts as not said.</summary>
    /// <param name="query">The address's query: <c>range</c>, or <c>from</c> and perhaps <c>to</c>, in UTC.</param>
    /// <param name="now">The time.</param>
    public static SeenTime Of(IQueryCollection query, DateTimeOffset now)
    {
        if (Moment(query["from"]) is { } from)
        {
            return new(null, from, Moment(query["to"]), null);
        }

        var range = query["range"].ToString();
        var (code, back, step) = range switch
        {
            "15m" => (range, TimeSpan.FromMinutes(15), 60),
            "6h" => (range, TimeSpan.FromHours(6), 600),
            "24h" => (range, TimeSpan.FromHours(24), 3600),
            "7d" => (range, TimeSpan.FromDays(7), 10_800),
            "90d" => (range, TimeSpan.FromDays(90), 86_400),
            _ => ("1h", TimeSpan.FromHours(1), 60),
        };
        return new(code, now - back, null, step);
    }

    /// <summary>As the metrics take it.</summary>
    public string Query => Gateway.Paths.With("", ("from", Text(From)), ("to", To is { } to ? Text(to) : null), ("step", Step?.ToString(CultureInfo.InvariantCulture)));

    private static DateTimeOffset? Moment(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
}
