using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.OpenApi;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Fields;

/// <summary>A whole number within bounds. The property is an <see cref="int"/> or a <see cref="long"/>.</summary>
internal sealed class WholeAttribute(long minimum, long maximum) : FieldAttribute
{
    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place) =>
        TryGet(value, place, out var number) && number >= minimum && number <= maximum
            ? number
            : place.Fail(string.Create(CultureInfo.InvariantCulture, $"Must be a whole number from {minimum} to {maximum}."));

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.Minimum = minimum.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = maximum.ToString(CultureInfo.InvariantCulture);
    }

    private static bool TryGet(JsonElement value, FieldPlace place, out long number)
    {
        number = 0;
        return place.IsQuery
            ? long.TryParse(RequestBody.ReadText(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number);
    }
}

/// <summary>A list with a bounded number of texts, each of 1 to <paramref name="longest"/> characters, kept as they are.</summary>
internal sealed class TextsAttribute(int fewest, int most, int longest) : FieldAttribute
{
    /// <summary>The only texts that it may have, if they are few.</summary>
    public string[]? Of { get; init; }

    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() < fewest || value.GetArrayLength() > most)
        {
            return Fail(place);
        }

        var texts = new string[value.GetArrayLength()];
        var at = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (RequestBody.ReadText(item) is not { Length: > 0 } text || text.Length > longest)
            {
                return Fail(place);
            }

            texts[at++] = text;
        }

        return Of is { } words && texts.Except(words, StringComparer.Ordinal).Any() ? place.Fail($"Must only have: {string.Join(", ", words)}.") : (IReadOnlyList<string>)texts;
    }

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.MinItems = fewest;
        schema.MaxItems = most;
        schema.Items = Of is { } words
            ? new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. words.Select(word => (System.Text.Json.Nodes.JsonNode)word)] }
            : new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = longest };
    }

    private object? Fail(FieldPlace place) =>
        place.Fail(string.Create(CultureInfo.InvariantCulture, $"Must be an array of {fewest} to {most} strings of 1 to {longest} characters."));
}

/// <summary>A list of objects or values, each read like a field of its type. Its property is an <see cref="IReadOnlyList{T}"/>.</summary>
internal sealed class ItemsAttribute(int fewest, int most) : FieldAttribute
{
    /// <summary>Fewest.</summary>
    public int Fewest => fewest;

    /// <summary>Most.</summary>
    public int Most => most;

    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() >= fewest && value.GetArrayLength() <= most
            ? value
            : place.Fail(string.Create(CultureInfo.InvariantCulture, $"Must be an array of {fewest} to {most} items."));

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.MinItems = fewest;
        schema.MaxItems = most;
    }
}

/// <summary>An object that is kept as it is, as JSON text of at most so many bytes of UTF-8. The property is a <see cref="RawJson"/>.</summary>
internal sealed class OpaqueAttribute(int maximumBytes) : FieldAttribute
{
    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return place.Fail("Must be an object.");
        }

        if (!IsText(value))
        {
            return place.Fail("Must be valid Unicode text.");
        }

        var text = value.GetRawText();
        return Encoding.UTF8.GetByteCount(text) <= maximumBytes
            ? new RawJson(text)
            : place.Fail(string.Create(CultureInfo.InvariantCulture, $"Must not be larger than {maximumBytes} bytes."));
    }

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Object;
        schema.AdditionalPropertiesAllowed = true;
    }

    /// <summary>Whether all strings in it are text: the parser does not look at what nobody reads.</summary>
    private static bool IsText(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => RequestBody.ReadText(value) is not null,
            JsonValueKind.Array => value.EnumerateArray().All(IsText),
            JsonValueKind.Object => value.EnumerateObject().All(member => IsText(member.Value)),
            _ => true,
        };
}
