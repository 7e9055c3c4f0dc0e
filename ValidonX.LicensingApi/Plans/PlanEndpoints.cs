using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Plans;

/// <summary>A plan as anyone may see it; a null entitlement is "unlimited", a null price is "ask us".</summary>
internal sealed record ShownPlan(
    string Code, string Name, long? PriceCents, string Currency, string BillingPeriod, IReadOnlyDictionary<string, long?> Entitlements);

/// <summary><c>GET /v1/plans</c>: public.</summary>
internal static class PlanEndpoints
{
    public static void MapPlans(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/plans", ListAsync);

    private static async Task ListAsync(HttpContext context, PublicPlans plans) =>
        await Envelope.WriteRawListAsync(context, StatusCodes.Status200OK, await plans.ReadAsync(context.RequestAborted));
}
