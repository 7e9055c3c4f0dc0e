using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Plans;

/// <summary>A plan as anyone may see it.</summary>
/// <param name="Code">What it is named by.</param>
/// <param name="Name">Its name.</param>
/// <param name="PriceCents">Its price in hundredths of the currency; null is "ask us".</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="BillingPeriod">What the price is for.</param>
/// <param name="Entitlements">What it allows, by code; null is "unlimited".</param>
internal sealed record ShownPlan(
    string Code, string Name, long? PriceCents, string Currency, string BillingPeriod, IReadOnlyDictionary<string, long?> Entitlements);

/// <summary><c>GET /v1/plans</c>: public.</summary>
internal static class PlanEndpoints
{
    public static void MapPlans(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/plans", ListAsync).WithTags("Plans").Is("listPlans", "Lists the plans that anyone may choose.", Answers.Page<ShownPlan>());

    private static async Task ListAsync(HttpContext context, PublicPlans plans) =>
        await Envelope.WriteRawListAsync(context, StatusCodes.Status200OK, await plans.ReadAsync(context.RequestAborted));
}
