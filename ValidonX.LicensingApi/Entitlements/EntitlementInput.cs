using System.Globalization;
using System.Text.Json;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Entitlements;

/// <summary>
/// Reads the <c>entitlements</c> of a licence as a vendor writes them: an object of codes whose values are booleans, numbers or texts, or
/// <c>{"limit": n, "hard": true}</c> for a metered limit that usage may not pass.
/// </summary>
internal static class EntitlementInput
{
    private const string Field = "entitlements";
    private const int MaximumCount = 200;
    private const int MaximumTextLength = 1_000;
    private const decimal MaximumNumber = 9_007_199_254_740_991; // what every JSON reader keeps exactly

    /// <summary>Reads them; what is wrong is noted in the body under <c>entitlements.code</c>.</summary>
    public static IReadOnlyList<Entitlement> Read(RequestBody body)
    {
        if (body.OptionalObject(Field) is not { } value)
        {
            return [];
        }

        var read = new List<Entitlement>();
        foreach (var member in value.EnumerateObject())
        {
            if (read.Count == MaximumCount)
            {
                body.Fail(Field, string.Create(CultureInfo.InvariantCulture, $"Must not have more than {MaximumCount} members."));
                break;
            }

            if (!Entitlement.IsCode(member.Name))
            {
                body.Fail(Field, "Codes have 1 to 100 characters of A-Z a-z 0-9 . _ -");
            }
            else if (Read(member.Name, member.Value) is { } entitlement)
            {
                read.Add(entitlement);
            }
            else
            {
                body.Fail(
                    $"{Field}.{member.Name}",
                    "Must be a boolean, a number, a text of at most 1000 characters, or an object such as {\"limit\": 100, \"hard\": true}.");
            }
        }

        return read;
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
