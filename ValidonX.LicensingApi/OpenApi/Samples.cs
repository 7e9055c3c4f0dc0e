using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.OpenApi;

/// <summary>Makes a whole example of a schema out of the examples of its fields, and of the types where a field has none.</summary>
internal static class Samples
{
    /// <summary>An id.</summary>
    public const string Id = "019a1b2c-3d4e-7f5a-8b6c-7d8e9f0a1b2c";

    private const int Deepest = 12;

    /// <summary>An example of what fits a schema.</summary>
    public static JsonNode? Of(IOpenApiSchema schema, int depth = 0)
    {
        if (schema.Examples is [{ } example, ..])
        {
            return example.DeepClone();
        }

        if (schema.Enum is { Count: > 0 } words)
        {
            return words[0]?.DeepClone();
        }

        if (schema.OneOf is { Count: > 0 } choices)
        {
            return Of(choices.FirstOrDefault(choice => choice.Type is not JsonSchemaType.Null) ?? choices[0], depth + 1);
        }

        var type = schema.Type & ~JsonSchemaType.Null;
        return depth > Deepest ? null : type switch
        {
            JsonSchemaType.Object => OfObject(schema, depth),
            JsonSchemaType.Array => schema.Items is { } items ? new JsonArray(Of(items, depth + 1)) : new JsonArray(),
            JsonSchemaType.Boolean => true,
            JsonSchemaType.Integer or JsonSchemaType.Number => long.TryParse(schema.Minimum, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var least) ? least : 1,
            JsonSchemaType.String => OfText(schema),
            _ => "any",
        };
    }

    /// <summary>The answer that a refusal is.</summary>
    public static JsonNode Of(ApiError error) => new JsonObject
    {
        ["error"] = JsonNode.Parse(ApiResult.Error(error).Render()),
        ["meta"] = new JsonObject { ["request_id"] = Id, ["api_version"] = Envelope.Version },
    };

    private static JsonObject OfObject(IOpenApiSchema schema, int depth)
    {
        var sample = new JsonObject();
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            sample[name] = Of(property, depth + 1);
        }

        if (sample.Count == 0 && schema.AdditionalProperties is { } more)
        {
            sample["code"] = Of(more, depth + 1);
        }

        return sample;
    }

    private static JsonNode OfText(IOpenApiSchema schema) =>
        schema.Format switch
        {
            "uuid" => Id,
            "date-time" => "2026-04-03T10:00:00Z",
            "email" => "jane@example.com",
            "uri" => "https://example.com/hook",
            _ => "text",
        };
}
