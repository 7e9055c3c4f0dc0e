using System.Text.Json;
using System.Text.Json.Nodes;

namespace ValidonX.Demo;

/// <summary>One demo tenant with its products and licenses; a file of <c>catalogues/</c>.</summary>
internal sealed record Catalogue(JsonObject Tenant, IReadOnlyList<JsonObject> Products, IReadOnlyList<LicenseSeries> Licenses)
{
    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The tenant's short name.</summary>
    public string Slug => (string)Tenant["slug"]!;

    /// <summary>All catalogues beside the program, by file name.</summary>
    public static IReadOnlyList<Catalogue> LoadAll() =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "catalogues"), "*.json")
            .Order(StringComparer.Ordinal)
            .Select(file => JsonSerializer.Deserialize<Catalogue>(File.ReadAllText(file), Reading)!)];
}

/// <summary>Licenses that differ only in their keys.</summary>
/// <param name="Type">perpetual, subscription, trial or floating.</param>
/// <param name="Product">The product's code.</param>
/// <param name="Keys">Keys of their own, instead of a <paramref name="Count"/> of generated ones.</param>
/// <param name="Count">How many with generated keys.</param>
/// <param name="ExpiresInDays">From now; negative has expired already; absent never expires.</param>
/// <param name="GraceDays">Days of grace after the expiry.</param>
/// <param name="State">suspended or revoked; absent is active.</param>
/// <param name="Entitlements">What the license allows.</param>
/// <param name="Customer">Who holds it.</param>
internal sealed record LicenseSeries(
    string Type,
    string Product,
    IReadOnlyList<string>? Keys,
    int? Count,
    int? ExpiresInDays,
    int? GraceDays,
    string? State,
    JsonObject? Entitlements,
    JsonObject? Customer)
{
    /// <summary>A key, or null for a generated one, for each license of the series.</summary>
    public IEnumerable<string?> AllKeys => Keys ?? Enumerable.Repeat<string?>(null, Count ?? 0);
}
