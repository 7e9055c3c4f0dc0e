using System.Text.Json;

namespace ValidonX.Portal.Components.Parts;

/// <summary>Values as people read them.</summary>
internal static class Shown
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>A whole number, with its thousands apart.</summary>
    public static string Count(long number) => number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A number of bytes, in the largest unit that leaves a whole one.</summary>
    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return $"{value.ToString(unit == 0 ? "0" : "0.0", System.Globalization.CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>Milliseconds; a dash where nothing was measured.</summary>
    public static string Milliseconds(double? value) => value is { } one ? $"{one.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} ms" : "–";

    /// <summary>JSON over several lines.</summary>
    public static string Json(JsonElement json) => JsonSerializer.Serialize(json, Indented);
}
