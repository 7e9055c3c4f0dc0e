using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ValidonX.Tests.Telemetry;

/// <summary>
/// Writes what has arrived over OTLP as Prometheus itself would keep it, names and labels by its translation of OpenTelemetry's
/// (<c>UnderscoreEscapingWithSuffixes</c>): <c>http.server.request.duration</c> in seconds becomes <c>http_server_request_duration_seconds</c>.
/// </summary>
internal static partial class PrometheusText
{
    public const string Path = "/metrics";

    public static string Of(IEnumerable<MetricExport> exports)
    {
        var text = new StringBuilder();
        foreach (var (series, process) in exports.SelectMany(export => export.Series.Select(series => (series, export.Process))))
        {
            Write(text, series, process);
        }

        return text.ToString();
    }

    /// <summary>The name that Prometheus gives a metric.</summary>
    public static string Name(CollectedSeries series)
    {
        var name = NotPlain().Replace(series.Metric, "_");
        var unit = series.Unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "1" => series.IsTotal || series.Histogram is not null ? "" : "_ratio",
            "" => "",
            ['{', ..] => "",
            var other => "_" + NotPlain().Replace(other, "_"),
        };
        return name + unit + (series.IsTotal ? "_total" : "");
    }

    private static void Write(StringBuilder text, CollectedSeries series, string process)
    {
        var name = Name(series);
        string[] labels =
        [
            Label("job", series.Service), Label("instance", process),
            .. series.Attributes.Select(attribute => Label(NotPlain().Replace(attribute.Key, "_"), attribute.Value)),
        ];
        if (series.Histogram is not { } histogram)
        {
            Line(text, name, labels, series.Value);
            return;
        }

        var upTo = 0UL;
        foreach (var (count, bound) in histogram.Counts.Zip([.. histogram.Bounds.Select(bound => bound.ToString(CultureInfo.InvariantCulture)), "+Inf"]))
        {
            upTo += count;
            Line(text, name + "_bucket", [.. labels, Label("le", bound)], upTo);
        }

        Line(text, name + "_count", labels, series.Value);
        Line(text, name + "_sum", labels, histogram.Sum);
    }

    private static void Line(StringBuilder text, string name, string[] labels, double value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name}{{{string.Join(',', labels)}}} {value:R}\n");

    private static string Label(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    [GeneratedRegex("[^a-zA-Z0-9_:]", RegexOptions.CultureInvariant)]
    private static partial Regex NotPlain();
}
