using System.Text.Json;

namespace ValidonX.Platform.Keys;

/// <summary>Scopes as they are given and stored: a JSON array of names, where the empty array is every scope.</summary>
public static class ApiKeyScopes
{
    /// <summary>The names that a key may be given.</summary>
    public static IReadOnlyList<string> Names { get; } = ["licenses", "activations", "entitlements", "usage", "resolve"];

    /// <summary>Reads a stored array. Names that this version does not know grant nothing.</summary>
    public static ApiKeyScope Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.GetArrayLength() == 0)
        {
            return ApiKeyScope.All;
        }

        var scopes = ApiKeyScope.None;
        foreach (var name in document.RootElement.EnumerateArray())
        {
            scopes |= name.GetString() switch
            {
                "licenses" => ApiKeyScope.Licenses,
                "activations" => ApiKeyScope.Activations,
                "entitlements" => ApiKeyScope.Entitlements,
                "usage" => ApiKeyScope.Usage,
                "resolve" => ApiKeyScope.Resolve,
                _ => ApiKeyScope.None,
            };
        }

        return scopes;
    }
}
