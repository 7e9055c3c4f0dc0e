using System.Globalization;
using System.Text.Json;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>The components of a machine: an object of texts by name.</summary>
internal sealed class ComponentsAttribute : FieldAttribute
{
    private const int Most = 16;
    private const int LongestName = 64;
    private const int LongestValue = 512;

    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return place.Fail("Must be an object.");
        }

        var components = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name.Length > LongestName || !Entitlement.IsCode(member.Name) || RequestBody.ReadText(member.Value) is not { Length: > 0 and <= LongestValue } text)
            {
                return Fail(place);
            }

            components[member.Name] = text;
        }

        return components.Count <= Most ? components : Fail(place);
    }

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Object;
        schema.MaxProperties = Most;
        schema.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = LongestValue };
    }

    private static object? Fail(FieldPlace place) => place.Fail(string.Create(
        CultureInfo.InvariantCulture,
        $"Must have at most {Most} members, named by 1 to {LongestName} of A-Z a-z 0-9 . _ -, each a string of 1 to {LongestValue} characters."));
}
