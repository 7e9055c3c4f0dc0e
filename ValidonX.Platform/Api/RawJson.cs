using System.Text.Json;
using System.Text.Json.Serialization;

namespace ValidonX.Platform.Api;

/// <summary>JSON text that was checked when it came in and is shown as it is: metadata, entitlement values.</summary>
/// <param name="Text">One JSON value.</param>
[JsonConverter(typeof(RawJsonConverter))]
public readonly record struct RawJson(string Text)
{
    /// <summary><c>{}</c>.</summary>
    public static RawJson EmptyObject { get; } = new("{}");
}

/// <summary>Writes <see cref="RawJson"/> as it is.</summary>
public sealed class RawJsonConverter : JsonConverter<RawJson>
{
    /// <inheritdoc/>
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new RawJson(document.RootElement.GetRawText());
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Text, skipInputValidation: true);
}
