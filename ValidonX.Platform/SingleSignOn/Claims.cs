using System.Text.Json;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>Reads claims of a token.</summary>
public static class Claims
{
    /// <summary>The texts of a claim that is one, or an array of them; of another kind it has none.</summary>
    /// <param name="payload">The token's claims.</param>
    /// <param name="name">The claim; where there is none of this name, a path of names with dots between them, such as <c>realm_access.roles</c>.</param>
    public static IEnumerable<string> Texts(JsonElement payload, string name) =>
        Find(payload, name) switch
        {
            { ValueKind: JsonValueKind.String } text => [text.GetString()!],
            { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!),
            _ => [],
        };

    /// <summary>A claim's text, cut to a length and without control characters; <see langword="null"/> when it has none.</summary>
    public static string? Text(JsonElement payload, string name, int maximum) =>
        Texts(payload, name).FirstOrDefault() is { } text && new string([.. text.Where(c => !char.IsControl(c) && !char.IsSurrogate(c))]).Trim() is { Length: > 0 } clean
            ? clean[..Math.Min(clean.Length, maximum)]
            : null;

    private static JsonElement? Find(JsonElement payload, string name)
    {
        if (payload.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (payload.TryGetProperty(name, out var claim))
        {
            return claim;
        }

        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && payload.TryGetProperty(name[..dot], out var inner) ? Find(inner, name[(dot + 1)..]) : null;
    }
}
