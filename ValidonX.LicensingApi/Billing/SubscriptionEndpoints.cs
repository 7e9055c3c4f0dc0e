using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Billing;

/// <summary>A tenant's subscription: under <c>/v1/billing</c> for its users, under <c>/v1/admin/tenants/{id}</c> for operators.</summary>
internal static class SubscriptionEndpoints
{
    private const string Updated = "subscription.changed";

    private static readonly ApiError WrongState = ApiErrors.Conflict("The subscription's state does not allow this.");

    private const string PlanDescription =
        "Now: what is left of the period is given back for the old plan and charged for the new one, to the cent; the plan is in force on every gateway and in the tenant's database when the "
        + "call returns, or the answer is 503 with `details.committed`, and it soon will be. At the period's end: nothing is charged before. When more is in use than the plan allows, the "
        + "answer is 409 and `details.over` says of what.";

    public static void MapSubscription(this RouteGroupBuilder billing)
    {
        var subscription = billing.MapGroup("/subscription").WithTags("Billing");
        subscription.MapGet("/", (Caller caller, BillingQueries queries, CancellationToken token) => GetAsync(caller.Placement.TenantId, queries, token)).Is(
            "getSubscription", "Shows the subscription.", Answers.Ok<SubscriptionAnswer>(), ApiErrors.SubscriptionNotFound);
        subscription.MapPost(
            "/change-plan",
            (HttpContext context, Caller caller, Body<PlanChange> body, ChangeSubscription change) =>
                change.ChangePlanAsync(caller.Placement.TenantId, body.Value, isOperator: false, Request(context, caller.Placement.TenantId, Updated)))
            .For(Permissions.ManageBilling).Is(new Operation("changePlan", "Changes the plan.", [Answers.Ok<SubscriptionAnswer>()])
            {
                Description = PlanDescription,
                Errors = [ApiErrors.SubscriptionNotFound, WrongState, ApiErrors.Unannounced],
            });
        subscription.MapPost(
            "/cancel",
            (HttpContext context, Caller caller, Body<Cancellation> body, ChangeSubscription change) =>
                change.CancelAsync(caller.Placement.TenantId, body.Value, Request(context, caller.Placement.TenantId, "subscription.cancellation_asked")))
            .For(Permissions.ManageBilling).Is(
                "cancelSubscription", "Cancels the subscription, with its period or at once.", Answers.Ok<SubscriptionAnswer>(), ApiErrors.SubscriptionNotFound, WrongState);
        subscription.MapPost(
            "/resume",
            (HttpContext context, Caller caller, ChangeSubscription change) =>
                change.ResumeAsync(caller.Placement.TenantId, Request(context, caller.Placement.TenantId, "subscription.resumed")))
            .For(Permissions.ManageBilling).Is(
                "resumeSubscription",
                "Takes a cancellation back, or begins a canceled subscription anew.",
                Answers.Ok<SubscriptionAnswer>(),
                ApiErrors.SubscriptionNotFound,
                ApiErrors.Conflict("An invoice is open; it has to be paid first."));
    }

    public static void MapSubscriptionOfTenant(this RouteGroupBuilder admin)
    {
        var subscription = admin.MapGroup("/tenants/{id}/subscription").WithTags("Billing");
        subscription.MapGet("/", (PathId id, BillingQueries queries, CancellationToken token) => GetAsync(id, queries, token)).Is(
            "getSubscriptionOfTenant", "Shows a tenant's subscription.", Answers.Ok<SubscriptionAnswer>(), ApiErrors.SubscriptionNotFound);
        subscription.MapPost(
            "/change-plan",
            (HttpContext context, PathId id, Body<PlanChange> body, ChangeSubscription change) => change.ChangePlanAsync(id, body.Value, isOperator: true, Request(context, id, Updated)))
            .Is(new Operation("changePlanOfTenant", "Gives a tenant any plan, those included that nobody can choose.", [Answers.Ok<SubscriptionAnswer>()])
            {
                Description = PlanDescription,
                Errors = [ApiErrors.SubscriptionNotFound, WrongState, ApiErrors.Unannounced],
            });
        subscription.MapPost(
            "/cancel",
            (HttpContext context, PathId id, Body<Cancellation> body, ChangeSubscription change) => change.CancelAsync(id, body.Value, Request(context, id, "subscription.cancellation_asked")))
            .Is("cancelSubscriptionOfTenant", "Cancels a tenant's subscription, with its period or at once.", Answers.Ok<SubscriptionAnswer>(), ApiErrors.SubscriptionNotFound, WrongState);
        Change("resume", "resumeSubscriptionOfTenant", "Takes a tenant's cancellation back, or begins its subscription anew.", "subscription.resumed", change => change.ResumeAsync);
        Change("pause", "pauseSubscription", "Puts a tenant's subscription on hold: no period passes and nothing becomes due.", "subscription.paused", change => change.PauseAsync);
        Change("unpause", "unpauseSubscription", "Takes a tenant's subscription up again, with what was left of its period.", "subscription.unpaused", change => change.UnpauseAsync);

        void Change(string verb, string operation, string summary, string action, Func<ChangeSubscription, Func<Guid, ChangeRequest<ShownSubscription>, Task<IResult>>> change) =>
            subscription.MapPost($"/{verb}", (HttpContext context, PathId id, ChangeSubscription subscriptions) => change(subscriptions)(id, Request(context, id, action)))
                .Is(operation, summary, Answers.Ok<SubscriptionAnswer>(), ApiErrors.SubscriptionNotFound, WrongState);
    }

    private static async Task<IResult> GetAsync(Guid tenantId, BillingQueries queries, CancellationToken cancellationToken) =>
        (await queries.FindSubscriptionAsync(tenantId, cancellationToken)).ToResult(Show);

    private static ChangeRequest<ShownSubscription> Request(HttpContext context, Guid tenantId, string action) => context.Change<ShownSubscription>(action, tenantId, Show);

    private static IApiResult Show(ShownSubscription subscription) => ApiResult.Ok(new SubscriptionAnswer(subscription), LicensingJson.Default.SubscriptionAnswer);
}
