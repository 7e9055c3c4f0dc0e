using System.Globalization;
using System.Text.Json;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Plans;

/// <summary>The entitlements of a plan as they were read.</summary>
internal sealed record PlanEntitlementList(IReadOnlyList<TenantEntitlement> List);

/// <summary>What a plan allows: an object of codes whose values are whole numbers, <see langword="null"/> for "unlimited", or booleans.</summary>
internal sealed class PlanEntitlementsAttribute : FieldAttribute
{
    private const int MaximumCount = 200;
    private const long MaximumNumber = 9_007_199_254_740_991; // what every JSON reader keeps exactly

    /// <summary>The codes that the platform itself reads, all of which are limits.</summary>
    private static readonly string[] Limits =
    [
        EntitlementCodes.Products, EntitlementCodes.Licenses, EntitlementCodes.ActivationsTotal, EntitlementCodes.ActivationsPerLicense,
        EntitlementCodes.ApiCallsMonthly, EntitlementCodes.ApiCallsPerMinute, EntitlementCodes.WebhookEndpoints,
    ];

    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return place.Fail("Must be an object.");
        }

        var read = new Dictionary<string, TenantEntitlement>(StringComparer.Ordinal);
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
                read[member.Name] = entitlement;
            }
            else
            {
                place.Of(member.Name).Fail(
                    Limits.Contains(member.Name, StringComparer.Ordinal) ? "Must be a whole number from 0 on, or null for unlimited." : "Must be a whole number from 0 on, null for unlimited, or a boolean.");
            }
        }

        // What is not said of these would be no limit at all, which nobody should get by forgetting a line.
        foreach (var missing in Limits.Where(code => !value.TryGetProperty(code, out _)))
        {
            place.Of(missing).Fail("Is required; null is unlimited.");
        }

        return new PlanEntitlementList([.. read.Values]);
    }

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Object;
        schema.Properties = null;
        schema.Required = new HashSet<string>(Limits, StringComparer.Ordinal);
        schema.MaxProperties = MaximumCount;
        schema.Properties = Limits.ToDictionary(
            code => code, IOpenApiSchema (_) => new OpenApiSchema { Type = JsonSchemaType.Integer | JsonSchemaType.Null, Minimum = "0" }, StringComparer.Ordinal);
        schema.AdditionalProperties = new OpenApiSchema
        {
            OneOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.Boolean },
                new OpenApiSchema { Type = JsonSchemaType.Integer | JsonSchemaType.Null, Minimum = "0" },
            ],
        };
    }

    private static TenantEntitlement? Read(string code, JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => new TenantEntitlement { Code = code, Kind = TenantEntitlement.LimitKind },
            JsonValueKind.True or JsonValueKind.False when !Limits.Contains(code, StringComparer.Ordinal) =>
                new TenantEntitlement { Code = code, Kind = TenantEntitlement.BooleanKind, Value = value.ValueKind == JsonValueKind.True ? 1 : 0 },
            JsonValueKind.Number when value.TryGetInt64(out var number) && number is >= 0 and <= MaximumNumber =>
                new TenantEntitlement { Code = code, Kind = TenantEntitlement.LimitKind, Value = number },
            _ => null,
        };
}
