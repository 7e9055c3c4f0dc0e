using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Plans;

/// <summary><c>GET /v1/plans</c>: public.</summary>
internal static class PlanEndpoints
{
    public static void MapPlans(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/plans", ListAsync).WithTags("Plans").Is("listPlans", "Lists the plans that anyone may choose.", Answers.Page<ShownPlan>());

    private static async Task ListAsync(HttpContext context, PublicPlans plans) =>
        await Envelope.WriteRawListAsync(context, StatusCodes.Status200OK, await plans.ReadAsync(context.RequestAborted));
}
