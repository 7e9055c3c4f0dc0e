using System.Globalization;
using System.Text.Json;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Entitlements;

/// <summary>The entitlements of a license as they were read.</summary>
internal sealed record EntitlementList(IReadOnlyList<Entitlement> List)
{
    /// <summary>None.</summary>
    public static EntitlementList Empty { get; } = new([]);
}

/// <summary>
/// The <c>entitlements</c> of a license as a vendor writes them: an object of codes whose values are booleans, numbers or texts, or
/// <c>{"limit": n, "hard": true}</c> for a metered limit that usage may not pass.
/// </summary>
internal sealed class EntitlementsAttribute : FieldAttribute
{
    private const int MaximumCount = 200;
    private const int MaximumTextLength = 1_000;
    private const decimal MaximumNumber = 9_007_199_254_740_991; // what every JSON reader keeps exactly

    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return place.Fail("Must be an object.");
        }

        var read = new List<Entitlement>();
        foreach (var member in value.EnumerateObject())
        {
            if (read.Count == MaximumCount)
            {
                return place.Fail(string.Create(CultureInfo.InvariantCulture, $"Must not have more than {MaximumCount} members."));
            }

            if (!Entitlement.IsCode(member.Name))
            {
                place.Fail("Codes have 1 to 100 characters of A-Z a-z 0-9 . _ -");
            }
            else if (Read(member.Name, member.Value) is { } entitlement)
            {
                read.Add(entitlement);
            }
            else
            {
                place.Of(member.Name).Fail("Must be a boolean, a number, a text of at most 1000 characters, or an object such as {\"limit\": 100, \"hard\": true}.");
            }
        }

        return new EntitlementList(read);
    }

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Object;
        schema.Properties = null;
        schema.Required = null;
        schema.MaxProperties = MaximumCount;
        schema.AdditionalProperties = new OpenApiSchema
        {
            OneOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.Boolean },
                new OpenApiSchema { Type = JsonSchemaType.Number },
                new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = MaximumTextLength },
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Required = new HashSet<string>(StringComparer.Ordinal) { "limit" },
                    Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                    {
                        ["limit"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "0" },
                        ["hard"] = new OpenApiSchema { Type = JsonSchemaType.Boolean },
                    },
                },
            ],
        };
    }

    private static Entitlement? Read(string code, JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => new Entitlement { Code = code, Kind = EntitlementKind.Boolean, Value = value.ValueKind == JsonValueKind.True ? "true" : "false" },
            JsonValueKind.Number => Number(code, value, isHard: false),
            JsonValueKind.String when RequestBody.ReadText(value) is { Length: <= MaximumTextLength } text =>
                new Entitlement { Code = code, Kind = EntitlementKind.Text, Value = JsonSerializer.Serialize(text, LicensingJson.Default.String) },
            JsonValueKind.Object => Limit(code, value),
            _ => null,
        };

    private static Entitlement? Limit(string code, JsonElement value)
    {
        var isHard = false;
        if (value.TryGetProperty("hard", out var hard))
        {
            if (hard.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            {
                return null;
            }

            isHard = hard.GetBoolean();
        }

        return value.TryGetProperty("limit", out var limit) && limit.ValueKind == JsonValueKind.Number && limit.TryGetInt64(out var number) && number >= 0
            ? Number(code, limit, isHard)
            : null;
    }

    private static Entitlement? Number(string code, JsonElement value, bool isHard) =>
        value.TryGetDecimal(out var number) && Math.Abs(number) <= MaximumNumber
            ? new Entitlement { Code = code, Kind = EntitlementKind.Number, Value = number.ToString(CultureInfo.InvariantCulture), HardLimit = isHard }
            : null;
}
