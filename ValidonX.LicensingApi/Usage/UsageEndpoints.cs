using System.Security.Cryptography;
using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Usage;

/// <summary><c>POST /v1/integration/usage/record</c> (CONTRACT §3).</summary>
internal static class UsageEndpoints
{
    private const long MaximumQuantity = 1_000_000_000_000;

    public static void MapUsage(this RouteGroupBuilder integration) => integration.MapPost("/usage/record", RecordAsync);

    // Usage of an expired or suspended license is recorded all the same: it happened, and the vendor wants to know.
    private static async Task<IResult> RecordAsync(HttpContext context, RecordUsage record, LicenseViews licenses, LicenseUse use, TimeProvider time)
    {
        var caller = context.GetCaller();
        var idempotencyKey = IdempotencyKey.Of(context.Request);
        var body = await RequestBody.ReadAsync(context);
        var key = body.RequiredText("license_key", LicenseKeyText.MaximumLength);
        var metric = body.RequiredText("metric", Entitlement.MaximumCodeLength);
        if (metric.Length > 0 && !Entitlement.IsCode(metric))
        {
            body.Fail("metric", "Must have 1 to 100 characters of A-Z a-z 0-9 . _ -");
        }

        var quantity = body.RequiredInteger("quantity", 1, MaximumQuantity);
        var metadata = body.OpaqueObject("metadata", ActivationEndpoints.MaximumMetadataBytes);
        body.ThrowIfInvalid();

        if (!LicenseKeyText.IsWellFormed(key) || await licenses.FindAsync(caller.Placement, key, context.RequestAborted) is not { } license)
        {
            return ApiResult.Error(ApiErrors.LicenseNotFound);
        }

        if (license.Terms.StateAt(time.GetUtcNow()) == LicenseState.Revoked)
        {
            return ApiResult.Error(ApiErrors.LicenseRevoked);
        }

        use.Note(caller.Placement, license);
        var report = new UsageReport(metric, quantity, metadata, idempotencyKey?.Hash, idempotencyKey is null ? null : SHA256.HashData(body.Utf8.Span));
        var outcome = await record.ExecuteAsync(caller.Placement, license, report, context.RequestAborted);
        if (outcome.Value is { IsReplay: true })
        {
            context.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        }

        return outcome.ToResult(recorded => ApiResult.Accepted(new UsageAnswer(true, recorded.Event), LicensingJson.Default.UsageAnswer));
    }
}
