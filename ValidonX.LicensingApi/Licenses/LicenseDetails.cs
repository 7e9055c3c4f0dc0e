using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>A license as its vendor sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Its key, the text that apps know it by.</param>
/// <param name="Type">What kind of license it is.</param>
/// <param name="Status">Where it stands now: the vendor's decisions and the clock together.</param>
/// <param name="ProductId">The product that it is for.</param>
/// <param name="ExpiresAt">When it expires, if ever.</param>
/// <param name="Entitlements">What it allows, by code.</param>
/// <param name="GraceDays">Days after the expiry in which it is still valid.</param>
/// <param name="Policy">The rules that hold for it: its own, its product's, the platform's.</param>
/// <param name="PolicyOverrides">Its own ones of these; what is null is inherited.</param>
/// <param name="Customer">Who holds it.</param>
/// <param name="Metadata">What its vendor keeps with it.</param>
/// <param name="ActivationsCount">Seats that are taken.</param>
/// <param name="LastUsedAt">When an app last asked for it; kept to a few seconds.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record LicenseDetails(
    Guid Id,
    [property: Example("ACME-2026-000042")] string Key,
    [property: Words("perpetual", "subscription", "trial", "floating")] string Type,
    [property: Words("active", "suspended", "expired", "revoked")] string Status,
    Guid? ProductId,
    DateTimeOffset? ExpiresAt,
    [property: Shape(JsonSchemaType.Object, Of = JsonSchemaType.Boolean | JsonSchemaType.Number | JsonSchemaType.String)]
    [property: Example("""{"export.pdf": true, "seats": 5}""")] RawJson Entitlements,
    int GraceDays,
    Policy Policy,
    Policy PolicyOverrides,
    LicenseCustomer? Customer,
    [property: Shape(JsonSchemaType.Object)]
    [property: Example("""{"order": "A-1001"}""")] RawJson Metadata,
    long ActivationsCount,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset CreatedAt);

/// <summary>Who holds the license.</summary>
internal sealed record LicenseCustomer([property: Example("Jane Doe")] string? Name, [property: Example("jane@example.com")] string? Email);

/// <summary>The answer that holds one license.</summary>
internal sealed record LicenseAnswer(LicenseDetails License);
