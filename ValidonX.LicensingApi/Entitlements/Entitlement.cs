using System.Globalization;
using System.Text.Json;

namespace ValidonX.LicensingApi.Entitlements;

/// <summary>One entitlement of a license; a row of <c>entitlements</c>.</summary>
internal sealed record Entitlement
{
    /// <summary>Most characters of a code.</summary>
    public const int MaximumCodeLength = 100;

    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "license_id, code, kind, value, hard_limit";

    /// <summary>The license's id.</summary>
    public string LicenseId { get; init; } = "";

    /// <summary>Its dotted code.</summary>
    public required string Code { get; init; }

    /// <summary>One of <see cref="EntitlementKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its value as JSON.</summary>
    public required string Value { get; init; }

    /// <summary>Whether usage beyond a number is refused rather than only counted.</summary>
    public bool HardLimit { get; init; }

    /// <summary>The number, for those that are one.</summary>
    public decimal? Number => Kind == EntitlementKind.Number ? decimal.Parse(Value, NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    /// <summary>The number as a limit of whole things; none when it is no number.</summary>
    public long? Limit => Number is { } number ? (long)Math.Floor(Math.Clamp(number, 0, long.MaxValue)) : null;

    /// <summary>Whether the value grants something: true, a number above zero, or a text.</summary>
    public bool IsGranting =>
        Kind switch
        {
            EntitlementKind.Boolean => Value == "true",
            EntitlementKind.Number => Number > 0,
            _ => true,
        };

    /// <summary>Whether a text can be a code: 1–100 of <c>A-Z a-z 0-9 . _ -</c>.</summary>
    public static bool IsCode(string text)
    {
        if (text.Length is 0 or > MaximumCodeLength)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The flat object of CONTRACT §3: codes in order, with their values.</summary>
    public static string ToFlatObject(IEnumerable<Entitlement> entitlements) =>
        $"{{{string.Join(',', entitlements.OrderBy(one => one.Code, StringComparer.Ordinal).Select(one => $"{JsonSerializer.Serialize(one.Code, LicensingJson.Default.String)}:{one.Value}"))}}}";

    /// <summary>The object in which a vendor would write them.</summary>
    public static string ToObject(IEnumerable<Entitlement> entitlements) =>
        ToFlatObject(entitlements.Select(one => one.HardLimit ? one with { Value = $"{{\"limit\":{one.Value},\"hard\":true}}" } : one));
}
