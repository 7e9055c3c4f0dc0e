using System.Text.Json;

namespace ValidonX.Portal.Components.Parts;

/// <summary>Values as people read them.</summary>
internal static class Shown
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>A whole number, with its thousands apart.</summary>
    public static string Count(long number) => number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>JSON over several lines.</summary>
    public static string Json(JsonElement json) => JsonSerializer.Serialize(json, Indented);
}
