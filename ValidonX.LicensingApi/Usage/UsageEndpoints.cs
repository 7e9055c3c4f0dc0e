using System.Security.Cryptography;
using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Usage;

/// <summary><c>POST /v1/integration/usage/record</c> (CONTRACT §3).</summary>
internal static class UsageEndpoints
{
    public static void MapUsage(this RouteGroupBuilder integration) =>
        integration.MapPost("/usage/record", RecordAsync).WithMetadata(IdempotencyHeader.Instance).Is(
            new Operation("recordUsage", "Records usage of a metered entitlement.", [Answers.Accepted<UsageAnswer>()])
            {
                Description = "With the same `Idempotency-Key` a report never counts twice, whatever happens in between. Usage of an expired or suspended license counts, too: it happened.",
                Errors = [ApiErrors.LicenseNotFound, ApiErrors.LicenseRevoked, ApiErrors.EntitlementLimitExceeded("api.calls", 10_000, 10_000), ApiErrors.IdempotencyKeyReused],
            });

    private static async Task<IResult> RecordAsync(
        HttpContext context, Caller caller, Body<UsageRequest> body, RecordUsage record, LicenseViews licenses, LicenseUse use, TimeProvider time)
    {
        var idempotencyKey = IdempotencyKey.Of(context.Request);
        var (key, metric, quantity, metadata) = body.Value;
        if (!LicenseKeyText.IsWellFormed(key) || await licenses.FindAsync(caller.Placement, key, context.RequestAborted) is not { } license)
        {
            return ApiResult.Error(ApiErrors.LicenseNotFound);
        }

        if (license.Terms.StateAt(time.GetUtcNow()) == LicenseState.Revoked)
        {
            return ApiResult.Error(ApiErrors.LicenseRevoked);
        }

        use.Note(caller.Placement, license);
        var report = new UsageReport(metric, quantity, metadata.Text, idempotencyKey?.Hash, idempotencyKey is null ? null : SHA256.HashData(body.Utf8.Span));
        var outcome = await record.ExecuteAsync(caller.Placement, license, report, context.RequestAborted);
        if (outcome.Value is { IsReplay: true })
        {
            context.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        }

        return outcome.ToResult(recorded => ApiResult.Accepted(new UsageAnswer(true, recorded.Event), LicensingJson.Default.UsageAnswer));
    }
}

/// <summary>A report of usage.</summary>
internal sealed record UsageRequest : IRequest
{
    private const long MaximumQuantity = 1_000_000_000_000;

    /// <summary>The license.</summary>
    [Text(LicenseKeyText.MaximumLength)]
    [Example("ACME-2026-000042")]
    public required string LicenseKey { get; init; }

    /// <summary>The entitlement's code.</summary>
    [Code(Entitlement.MaximumCodeLength)]
    [Example("api.calls")]
    public required string Metric { get; init; }

    /// <summary>How much was used.</summary>
    [Whole(1, MaximumQuantity)]
    [Example("3")]
    public required long Quantity { get; init; }

    /// <summary>Whatever the app wants to keep with it.</summary>
    [Opaque(ActivationRequest.MaximumMetadataBytes)]
    [Example("""{"job": "nightly"}""")]
    public RawJson Metadata { get; init; } = RawJson.EmptyObject;

    public void Deconstruct(out string key, out string metric, out long quantity, out RawJson metadata) =>
        (key, metric, quantity, metadata) = (LicenseKey, Metric, Quantity, Metadata);
}
