using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Policies;
using ValidonX.LicensingApi.Usage;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Entitlements;

/// <summary>Which entitlements an app asks for.</summary>
internal sealed record EntitlementQuestion : IRequest
{
    /// <summary>The license.</summary>
    [Text(LicenseKeyText.MaximumLength)]
    [Example("ACME-2026-000042")]
    public required string LicenseKey { get; init; }

    /// <summary>The codes asked for.</summary>
    [Texts(1, CheckEntitlements.MaximumFeatures, Entitlement.MaximumCodeLength)]
    [Example("""["export.pdf", "api.calls"]""")]
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Where the app runs, by ISO 3166: `DE`, or `DE-BY`. Needed where the license is only for some regions; taken at its word.</summary>
    [Region]
    [Example("DE")]
    public string? Region { get; init; }

    public void Deconstruct(out string licenseKey, out IReadOnlyList<string> features) => (licenseKey, features) = (LicenseKey, Features);
}

/// <summary>
/// <c>POST /v1/integration/entitlements/check</c>. A feature is granted when the license is in force and its value says so. Features that
/// are no numbers need no database.
/// </summary>
internal sealed class CheckEntitlements(LicenseViews licenses, LicenseUse use, TenantDatabases databases, TimeProvider time)
{
    /// <summary>Most features of one call.</summary>
    public const int MaximumFeatures = 100;

    private const string Metered = "metered";

    public async Task HandleAsync(HttpContext context)
    {
        var caller = context.GetCaller();
        var question = (await Body<EntitlementQuestion>.ReadAsync(context)).Value;
        var (key, features) = question;

        var license = LicenseKeyText.IsWellFormed(key) ? await licenses.FindAsync(caller.Placement, key, context.RequestAborted) : null;
        if (license is null)
        {
            await Envelope.WriteErrorAsync(context, ApiErrors.LicenseNotFound);
            return;
        }

        var now = time.GetUtcNow();
        var state = license.Terms.StateAt(now);
        if (state == LicenseState.Revoked)
        {
            await Envelope.WriteErrorAsync(context, ApiErrors.LicenseRevoked);
            return;
        }

        if (license.Refusal(state, question.Region, now) is { } restricted)
        {
            await Envelope.WriteErrorAsync(context, restricted);
            return;
        }

        use.Note(caller.Placement, license);
        var answer = new EntitlementsAnswer(new CheckedEntitlements(
            Features(license, features, LicenseView.IsValid(state)),
            await LimitsAsync(caller.Placement, license, features, now, context.RequestAborted)));
        await Envelope.WriteAsync(context, StatusCodes.Status200OK, answer, LicensingJson.Default.EntitlementsAnswer);
    }

    private static Dictionary<string, CheckedFeature> Features(LicenseView license, IReadOnlyList<string> codes, bool isValid)
    {
        var features = new Dictionary<string, CheckedFeature>(codes.Count, StringComparer.Ordinal);
        foreach (var code in codes)
        {
            features[code] = license.Entitlements.TryGetValue(code, out var entitlement)
                ? new CheckedFeature(isValid && entitlement.IsGranting, new RawJson(entitlement.Value))
                : new CheckedFeature(false, null);
        }

        return features;
    }

    private async Task<IReadOnlyDictionary<string, CheckedLimit>> LimitsAsync(
        TenantPlacement placement, LicenseView license, IReadOnlyList<string> codes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var metered = codes.Distinct(StringComparer.Ordinal)
            .Where(code => license.Entitlements.TryGetValue(code, out var entitlement) && entitlement.Number is not null)
            .ToList();
        if (metered.Count == 0)
        {
            return new Dictionary<string, CheckedLimit>();
        }

        var used = await databases.ReadAsync(
            placement,
            """
            SELECT code, CAST(used AS SIGNED) FROM usage_counters WHERE license_id = @id AND period_start = @period AND code IN @metered AND code <> @seats
            UNION ALL
            SELECT @seats, COUNT(*) FROM activations WHERE license_id = @id AND active_marker = 1 AND (lease_expires_at IS NULL OR lease_expires_at > @now)
            """,
            new { id = license.Id, now, period = UsagePeriod.Of(now), metered, seats = EntitlementCodes.ActivationsPerLicense },
            static async rows => (await rows.ReadAsync<(string Code, long Used)>()).ToDictionary(row => row.Code, row => row.Used, StringComparer.Ordinal),
            cancellationToken);
        return metered.ToDictionary(code => code, code => Limit(license.Entitlements[code].Number!.Value, used.GetValueOrDefault(code)), StringComparer.Ordinal);
    }

    private static CheckedLimit Limit(decimal limit, long used) => new(limit, Metered, used, Math.Max(0, limit - used));
}
