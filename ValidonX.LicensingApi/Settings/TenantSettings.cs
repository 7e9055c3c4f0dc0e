using System.Collections.Frozen;
using System.Text.Json;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Settings;

/// <summary>A tenant's settings as they are in force: its own where it has set any, else its plan's, else the platform's.</summary>
/// <param name="Locale">The language of its pages and mails.</param>
/// <param name="Timezone">The time zone that its pages show times in (IANA).</param>
/// <param name="SupportEmail">Where its customers get help.</param>
/// <param name="SupportUrl">Where its customers get help.</param>
/// <param name="LicenseGraceDays">The days of grace of a new license that names none.</param>
/// <param name="LeaseHours">For how many hours a signed verdict is good without another one.</param>
/// <param name="LeaseGraceHours">For how many hours more an app may go on that finds nobody to ask.</param>
/// <param name="Customized">Which of these the tenant has set itself.</param>
internal sealed record TenantSettings(
    [property: Words(TenantSettings.English, TenantSettings.German, TenantSettings.French, TenantSettings.Spanish)] string Locale,
    [property: Example("Europe/Berlin")] string Timezone,
    [property: Example("help@acme.example")] string? SupportEmail,
    [property: Example("https://acme.example/help")] string? SupportUrl,
    [property: Example("14")] int LicenseGraceDays,
    [property: Example("24")] int LeaseHours,
    [property: Example("72")] int LeaseGraceHours,
    [property: Example("""["timezone"]""")] IReadOnlyList<string> Customized)
{
    /// <summary>The longest lease: thirty days.</summary>
    public const int MaximumLeaseHours = 720;

    /// <summary>The longest grace of a lease: thirty days.</summary>
    public const int MaximumLeaseGraceHours = 720;

    public const string English = "en";
    public const string German = "de";
    public const string French = "fr";
    public const string Spanish = "es";

    /// <summary>The names of the settings, as they are stored and shown.</summary>
    public static FrozenSet<string> Names { get; } = FrozenSet.Create("locale", "timezone", "support_email", "support_url", "license_grace_days", "lease_hours", "lease_grace_hours");

    /// <summary>The settings that stored values make. A value that this version does not understand counts as none.</summary>
    /// <param name="ofPlan">The plan's values, JSON by name.</param>
    /// <param name="own">The tenant's values, JSON by name.</param>
    public static TenantSettings Of(IReadOnlyDictionary<string, string> ofPlan, IReadOnlyDictionary<string, string> own)
    {
        return new(
            Text("locale") ?? English,
            Text("timezone") ?? "UTC",
            Text("support_email"),
            Text("support_url"),
            Number("license_grace_days", 0),
            Number("lease_hours", 24),
            Number("lease_grace_hours", 72),
            [.. own.Keys.Where(Names.Contains).Order(StringComparer.Ordinal)]);

        string? Text(string name) => Value(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

        int Number(string name, int otherwise) => Value(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : otherwise;

        JsonElement? Value(string name) =>
            own.TryGetValue(name, out var json) || ofPlan.TryGetValue(name, out json) ? JsonElement.Parse(json) : null;
    }
}

/// <summary>What a tenant changes of its settings; what is absent stays, null is "as the plan has it".</summary>
internal sealed record SettingsChange : IRequest
{
    /// <summary>The language of its pages and mails.</summary>
    [Words(TenantSettings.English, TenantSettings.German, TenantSettings.French, TenantSettings.Spanish)]
    public Given<string> Locale { get; init; }

    /// <summary>The time zone that its pages show times in (IANA).</summary>
    [TimeZone]
    [Example("Europe/Berlin")]
    public Given<string> Timezone { get; init; }

    /// <summary>Where its customers get help.</summary>
    [Contact]
    [Example("help@acme.example")]
    public Given<string> SupportEmail { get; init; }

    /// <summary>Where its customers get help: an address that begins with https://.</summary>
    [SecureUrl]
    [Example("https://acme.example/help")]
    public Given<string> SupportUrl { get; init; }

    /// <summary>The days of grace of a new license that names none.</summary>
    [Whole(0, 3_650)]
    [Example("14")]
    public Given<int?> LicenseGraceDays { get; init; }

    /// <summary>For how many hours a signed verdict is good without another one.</summary>
    [Whole(1, TenantSettings.MaximumLeaseHours)]
    [Example("24")]
    public Given<int?> LeaseHours { get; init; }

    /// <summary>For how many hours more an app may go on that finds nobody to ask.</summary>
    [Whole(0, TenantSettings.MaximumLeaseGraceHours)]
    [Example("72")]
    public Given<int?> LeaseGraceHours { get; init; }

    /// <summary>The settings that are given, as they are stored: JSON by name, null for one that is taken away.</summary>
    public IEnumerable<(string Name, string? Json)> Given()
    {
        (string, bool, string?)[] all =
        [
            ("locale", Locale.IsThere, Json(Locale.Value)),
            ("timezone", Timezone.IsThere, Json(Timezone.Value)),
            ("support_email", SupportEmail.IsThere, Json(SupportEmail.Value)),
            ("support_url", SupportUrl.IsThere, Json(SupportUrl.Value)),
            ("license_grace_days", LicenseGraceDays.IsThere, Json(LicenseGraceDays.Value)),
            ("lease_hours", LeaseHours.IsThere, Json(LeaseHours.Value)),
            ("lease_grace_hours", LeaseGraceHours.IsThere, Json(LeaseGraceHours.Value)),
        ];
        return all.Where(one => one.Item2).Select(one => (one.Item1, one.Item3));
    }

    private static string? Json(int? number) => number?.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string? Json(string? text) => text is null ? null : JsonSerializer.Serialize(text, LicensingJson.Default.String);
}

/// <summary>A time zone by its IANA name.</summary>
internal sealed class TimeZoneAttribute() : TextAttribute(64)
{
    /// <inheritdoc/>
    protected override object? Accept(string text, FieldPlace place) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone) && (zone.HasIanaId || text == "UTC") && zone.Id == text ? text : place.Fail("Must be an IANA time zone such as Europe/Berlin.");
}

/// <summary>An address of a page that others are sent to.</summary>
internal sealed class SecureUrlAttribute() : TextAttribute(2_048)
{
    /// <inheritdoc/>
    public override void Describe(Microsoft.OpenApi.OpenApiSchema schema)
    {
        base.Describe(schema);
        schema.Format = "uri";
    }

    /// <inheritdoc/>
    protected override object? Accept(string text, FieldPlace place) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0 && uri.IdnHost.Length > 0
            ? uri.AbsoluteUri
            : place.Fail("Must be an address that begins with https://, without a user name in it.");
}
