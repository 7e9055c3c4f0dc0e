using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Resolution;

/// <summary>The answer to <c>licensing/resolve</c>.</summary>
internal sealed record ResolvedLicense(
    bool Valid,
    string Status,
    IReadOnlyList<string> AllowedFeatures,
    DateTimeOffset? GracePeriodEndsAt,
    DateTimeOffset? ExpiresAt,
    ResolvedLicenseName License);

/// <summary>Which licence it is.</summary>
internal sealed record ResolvedLicenseName(Guid Id, string Key, string Type);

/// <summary>
/// <c>POST /v1/integration/licensing/resolve</c>: what the licence is worth and which features it allows, of those asked for or of
/// all. Warm, it asks neither database nor Redis.
/// </summary>
internal sealed class ResolveLicense(LicenseViews licenses, LicenseUse use, IOptions<ResolutionOptions> options, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        var caller = context.GetCaller();
        var body = await RequestBody.ReadAsync(context);
        var key = body.RequiredText("license_key", LicenseKeyText.MaximumLength);
        var features = body.Texts("features", 0, CheckEntitlements.MaximumFeatures, Entitlement.MaximumCodeLength);
        var isAskedFor = body.Has("features");
        body.ThrowIfInvalid();

        var license = LicenseKeyText.IsWellFormed(key) ? await licenses.FindAsync(caller.Placement, key, context.RequestAborted) : null;
        if (license is null || license.Terms.Status == LicenseStatus.Revoked)
        {
            await Envelope.WriteErrorAsync(context, ApiErrors.LicenseNotFound);
            return;
        }

        use.Note(caller.Placement, license);
        var resolution = LicenseResolution.Of(license.Terms, time.GetUtcNow(), TimeSpan.FromDays(options.Value.PastDueGraceDays));
        var answer = new ResolvedLicense(
            resolution.IsValid,
            resolution.Status,
            resolution.IsValid ? Allowed(license, isAskedFor ? features : null) : [],
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
