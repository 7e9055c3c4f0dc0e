using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Policies;

/// <summary>A region: a country by ISO 3166-1 (`DE`), or a part of one by ISO 3166-2 (`DE-BY`). In capitals, however it is written.</summary>
internal sealed partial class RegionAttribute() : TextAttribute(6, 2)
{
    /// <summary>What a region looks like.</summary>
    public const string Form = "^[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?$";

    /// <summary>The region that a text names, or <see langword="null"/>.</summary>
    public static string? Of(string? text) => text is not null && Regions().IsMatch(text) ? text.ToUpperInvariant() : null;

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        base.Describe(schema);
        schema.Pattern = Form;
    }

    /// <inheritdoc/>
    protected override object? Accept(string text, FieldPlace place) => Of(text) ?? place.Fail("Must be a region such as DE or DE-BY.");

    [GeneratedRegex(Form, RegexOptions.CultureInvariant)]
    private static partial Regex Regions();
}

/// <summary>A list of regions.</summary>
internal sealed class RegionsAttribute : FieldAttribute
{
    private const int Most = 300;

    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > Most)
        {
            return place.Fail($"Must be an array of at most {Most} regions.");
        }

        var regions = value.EnumerateArray().Select(item => RegionAttribute.Of(RequestBody.ReadText(item))).Distinct(StringComparer.Ordinal).ToList();
        return regions.Contains(null) ? place.Fail("Must only have regions such as DE or DE-BY.") : (IReadOnlyList<string>)regions!;
    }

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.MaxItems = Most;
        schema.Items = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 2, MaxLength = 6, Pattern = RegionAttribute.Form };
    }
}
