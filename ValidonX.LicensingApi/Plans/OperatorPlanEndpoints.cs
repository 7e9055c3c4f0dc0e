using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Plans;

/// <summary>The editor of plans under <c>/v1/admin/plans</c>.</summary>
internal static class OperatorPlanEndpoints
{
    public static void MapPlanEditor(this RouteGroupBuilder admin)
    {
        var plans = admin.MapGroup("/plans").WithTags("Plans");
        plans.MapGet("/", ListAsync).Is("listAllPlans", "Lists all plans, in the order in which they are shown.", Answers.Page<OperatorPlan>());
        plans.MapGet("/{code}", GetAsync).Is("getPlan", "Shows a plan.", Answers.Ok<PlanAnswer>(), ApiErrors.ResourceNotFound);
        plans.MapPost("/", CreateAsync).Is("createPlan", "Makes a plan.", Answers.Created<PlanAnswer>(), ApiErrors.Conflict("There is a plan 'team' already."));
        plans.MapPut("/{code}", ReplaceAsync).Is(
            new Operation("replacePlan", "Replaces what a plan is.", [Answers.Ok<PlanAnswer>()])
            {
                Description = "Rate limits are in force on every gateway when the call returns; the other entitlements of its tenants follow within a minute or so, operators' "
                    + "overrides stay. Prices count from a subscription's next period on.",
                Errors = [ApiErrors.ResourceNotFound, ApiErrors.Conflict("The plan was changed meanwhile: its version is 4.")],
            });
        plans.MapDelete("/{code}", DeleteAsync).Is(
            "deletePlan", "Deletes a plan that no tenant has.", Answers.Ok<DeletedPlan>(), ApiErrors.ResourceNotFound, ApiErrors.Conflict("The plan is in use."));
    }

    private static async Task<IResult> ListAsync(PlanEditor plans, CancellationToken cancellationToken) =>
        ApiResult.Page(await plans.ListAsync(cancellationToken), LicensingJson.Default.IReadOnlyListOperatorPlan, nextCursor: null);

    private static async Task<IResult> GetAsync(string code, PlanEditor plans, CancellationToken cancellationToken) =>
        await plans.FindAsync(code, cancellationToken) is { } plan ? Show(plan) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static Task<IResult> CreateAsync(HttpContext context, Body<NewPlan> body, PlanEditor plans) =>
        plans.CreateAsync(
            body.Value,
            context.Change<OperatorPlan>("plan.created", null, plan => ApiResult.Created(new PlanAnswer(plan), LicensingJson.Default.PlanAnswer)));

    private static Task<IResult> ReplaceAsync(HttpContext context, string code, Body<PlanReplacement> body, PlanEditor plans) =>
        plans.ReplaceAsync(code, body.Value, context.Change<OperatorPlan>("plan.changed", null, Show));

    private static Task<IResult> DeleteAsync(HttpContext context, string code, PlanEditor plans) =>
        plans.DeleteAsync(code, context.Change<DeletedPlan>("plan.deleted", null, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedPlan)));

    private static IApiResult Show(OperatorPlan plan) => ApiResult.Ok(new PlanAnswer(plan), LicensingJson.Default.PlanAnswer);
}
