using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ValidonX.Portal.Components.Parts;

/// <summary>One member of something that is set as a whole, such as a policy. One that is left empty is not said.</summary>
/// <param name="Name">As the API calls it; a member of a member has a dot.</param>
/// <param name="Label">As people call it.</param>
/// <param name="Hint">What it does, and what happens without it.</param>
/// <param name="Kind">What it is.</param>
public sealed record Setting(string Name, string Label, string Hint, SettingKind Kind = SettingKind.Number)
{
    /// <summary>What can be chosen, as the API and as people call it.</summary>
    public IReadOnlyList<(string Value, string Text)> Of { get; init; } = [];

    /// <summary>The word for a list that is said to be empty, which is not the same as one that is not said.</summary>
    public string? Empty { get; init; }
}

/// <summary>What a setting is.</summary>
public enum SettingKind
{
    Number,
    Choice,
    List,
    Text,
    Time,
}

/// <summary>Settings that belong together.</summary>
public sealed record SettingGroup(string Title, params IReadOnlyList<Setting> Settings);

/// <summary>Settings between the API's JSON and the fields of a form.</summary>
internal static class SettingValues
{
    private const string TimeOfField = "yyyy-MM-ddTHH:mm";

    /// <summary>What the API says, as texts of fields.</summary>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<SettingGroup> groups, JsonElement json)
    {
        var values = new Dictionary<string, string>();
        foreach (var setting in groups.SelectMany(group => group.Settings))
        {
            if (Find(json, setting.Name) is { } value)
            {
                values[setting.Name] = Text(setting, value);
            }
        }

        return values;
    }

    /// <summary>What somebody has entered.</summary>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<SettingGroup> groups, IFormCollection form) =>
        groups.SelectMany(group => group.Settings)
            .Select(setting => (setting.Name, Text: Given.Text(form[setting.Name])))
            .Where(one => one.Text is not null)
            .ToDictionary(one => one.Name, one => one.Text!);

    /// <summary>What is entered as the API takes it. What is no number where one has to be goes as it is: the API says so at its field.</summary>
    public static JsonObject ToJson(IEnumerable<SettingGroup> groups, IReadOnlyDictionary<string, string> values)
    {
        var json = new JsonObject();
        foreach (var setting in groups.SelectMany(group => group.Settings))
        {
            if (values.TryGetValue(setting.Name, out var text))
            {
                var path = setting.Name.Split('.');
                var place = path[..^1].Aggregate(json, (outer, name) => (JsonObject)(outer[name] ??= new JsonObject()));
                place[path[^1]] = Json(setting, text);
            }
        }

        return json;
    }

    private static JsonNode Json(Setting setting, string text) => setting.Kind switch
    {
        SettingKind.Number when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        SettingKind.Time when DateTime.TryParseExact(text, TimeOfField, CultureInfo.InvariantCulture, DateTimeStyles.None, out _) => $"{text}:00Z",
        SettingKind.List when text == setting.Empty => new JsonArray(),
        SettingKind.List => new JsonArray([.. text.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries).Select(one => (JsonNode)one)]),
        _ => text,
    };

    private static string Text(Setting setting, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array when value.GetArrayLength() == 0 => setting.Empty ?? "",
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(one => one.ToString())),
        JsonValueKind.String when setting.Kind == SettingKind.Time && value.TryGetDateTimeOffset(out var at) => at.UtcDateTime.ToString(TimeOfField, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static JsonElement? Find(JsonElement json, string name)
    {
        foreach (var part in name.Split('.'))
        {
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(part, out json))
            {
                return null;
            }
        }

        return json.ValueKind == JsonValueKind.Null ? null : json;
    }
}
