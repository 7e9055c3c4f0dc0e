using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Resolution;

/// <summary>Which license an app asks about.</summary>
internal sealed record ResolutionQuestion : IRequest
{
    /// <summary>The license.</summary>
    [Text(LicenseKeyText.MaximumLength)]
    [Example("ACME-2026-000042")]
    public required string LicenseKey { get; init; }

    /// <summary>The features asked for; absent: all that it has.</summary>
    [Texts(0, CheckEntitlements.MaximumFeatures, Entitlement.MaximumCodeLength)]
    [Example("""["export.pdf"]""")]
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>Where the app runs, by ISO 3166: `DE`, or `DE-BY`. Needed where the license is only for some regions; taken at its word.</summary>
    [Region]
    [Example("DE")]
    public string? Region { get; init; }
}

/// <summary>The answer to <c>licensing/resolve</c>.</summary>
internal sealed record ResolvedLicense(
    bool Valid,
    [property: Words("active", "trialing", "past_due", "paused", "canceled", "expired")] string Status,
    IReadOnlyList<string> AllowedFeatures,
    DateTimeOffset? GracePeriodEndsAt,
    DateTimeOffset? ExpiresAt,
    ResolvedLicenseName License);

/// <summary>Which license it is.</summary>
internal sealed record ResolvedLicenseName(
    Guid Id, [property: Example("ACME-2026-000042")] string Key, [property: Words("perpetual", "subscription", "trial", "floating")] string Type);

/// <summary>
/// <c>POST /v1/integration/licensing/resolve</c>: what the license is worth and which features it allows, of those asked for or of
/// all. Warm, it asks neither database nor Redis.
/// </summary>
internal sealed class ResolveLicense(LicenseViews licenses, LicenseUse use, IOptions<ResolutionOptions> options, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        var caller = context.GetCaller();
        var question = (await Body<ResolutionQuestion>.ReadAsync(context)).Value;
        var key = question.LicenseKey;

        var license = LicenseKeyText.IsWellFormed(key) ? await licenses.FindAsync(caller.Placement, key, context.RequestAborted) : null;
        if (license is null || license.Terms.Status == LicenseStatus.Revoked)
        {
            await Envelope.WriteErrorAsync(context, ApiErrors.LicenseNotFound);
            return;
        }

        var now = time.GetUtcNow();
        var resolution = LicenseResolution.Of(license.Terms, now, TimeSpan.FromDays(options.Value.PastDueGraceDays));
        if (resolution.IsValid && Restrictions.Refusal(license.Terms.Policy, question.Region, now) is { } restricted)
        {
            await Envelope.WriteErrorAsync(context, restricted);
            return;
        }

        use.Note(caller.Placement, license);
        var answer = new ResolvedLicense(
            resolution.IsValid,
            resolution.Status,
            resolution.IsValid ? Allowed(license, question.Features) : [],
            resolution.GracePeriodEndsAt,
            license.Terms.ExpiresAt,
            new ResolvedLicenseName(license.Id, license.Key, license.Terms.Type.Word()));
        await Envelope.WriteAsync(context, StatusCodes.Status200OK, answer, LicensingJson.Default.ResolvedLicense);
    }

    private static List<string> Allowed(LicenseView license, IReadOnlyList<string>? askedFor) =>
        askedFor is null
            ? [.. license.Entitlements.Values.Where(one => one.IsGranting).Select(one => one.Code).Order(StringComparer.Ordinal)]
            : [.. askedFor.Distinct(StringComparer.Ordinal).Where(code => license.Entitlements.TryGetValue(code, out var one) && one.IsGranting)];
}
