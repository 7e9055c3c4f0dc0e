using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Webhooks;

/// <summary>Webhooks under <c>/v1/tenant/webhooks</c> (CONTRACT §7, §10).</summary>
internal static class WebhookRoutes
{
    public static void MapWebhooks(this RouteGroupBuilder tenant)
    {
        var webhooks = tenant.MapGroup("/webhooks").WithTags("Webhooks");
        webhooks.MapGet("/", ListAsync).For(Permissions.OperateWebhooks).Is("listWebhooks", "Lists webhook endpoints, newest first.", Answers.Page<ShownWebhook>());
        webhooks.MapPost("/", (HttpContext context, Caller caller, Body<NewWebhook> body, WebhookStore store) =>
                store.CreateAsync(caller.Placement.TenantId, body.Value, Change<CreatedWebhook>(context, caller, "webhook.created", Created)))
            .For(Permissions.ManageWebhooks)
            .Is(new Operation("createWebhook", "Makes a webhook endpoint.", [Answers.Created<CreatedWebhook>()])
            {
                Description = "`secret` is shown in this answer and never again. Each event is delivered at least once, signed as Standard Webhooks has it; the receiver's view is described in docs/webhooks.md.",
                Errors = [ApiErrors.EntitlementLimitExceeded(EntitlementCodes.WebhookEndpoints, 1, 1)],
            });
        webhooks.MapGet("/{id}", async (PathId id, Caller caller, WebhookStore store, TimeProvider time, CancellationToken cancellationToken) =>
                await store.FindAsync(caller.Placement.TenantId, id, cancellationToken) is { } found ? Shown(found.Show(time.GetUtcNow())) : ApiResult.Error(ApiErrors.ResourceNotFound))
            .For(Permissions.OperateWebhooks)
            .Is("getWebhook", "Shows a webhook endpoint.", Answers.Ok<ShownWebhook>(), ApiErrors.ResourceNotFound);
        webhooks.MapPatch("/{id}", (HttpContext context, PathId id, Caller caller, Body<WebhookChange> body, WebhookStore store) =>
                store.ChangeAsync(caller.Placement.TenantId, id, body.Value, Change<ShownWebhook>(context, caller, "webhook.changed", Shown)))
            .For(Permissions.ManageWebhooks)
            .Is(new Operation("changeWebhook", "Changes a webhook endpoint, or puts it into service again.", [Answers.Ok<ShownWebhook>()])
            {
                Description = "An endpoint that is enabled again is sent what still waits. What happened while it was disabled is sent by a replay.",
                Errors = [ApiErrors.ResourceNotFound],
            });
        webhooks.MapDelete("/{id}", (HttpContext context, PathId id, Caller caller, WebhookStore store) =>
                store.DeleteAsync(
                    caller.Placement.TenantId, id, Change<DeletedAnswer>(context, caller, "webhook.deleted", deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer))))
            .For(Permissions.ManageWebhooks)
            .Is("deleteWebhook", "Deletes a webhook endpoint and the log of its deliveries.", Answers.Ok<DeletedAnswer>(), ApiErrors.ResourceNotFound);
        webhooks.MapPost("/{id}/rotate-secret", (HttpContext context, PathId id, Caller caller, Body<SecretRotation> body, WebhookStore store) =>
                store.RotateAsync(
                    caller.Placement.TenantId,
                    id,
                    TimeSpan.FromSeconds(body.Value.OverlapSeconds),
                    Change<CreatedWebhook>(context, caller, "webhook.secret_rotated", rotated => ApiResult.Ok(rotated, LicensingJson.Default.CreatedWebhook))))
            .For(Permissions.ManageWebhooks)
            .Is(new Operation("rotateWebhookSecret", "Gives a webhook endpoint another secret and another key.", [Answers.Ok<CreatedWebhook>()])
            {
                Description = "While the overlap lasts `webhook-signature` has signatures of the new and of the old ones, so that a receiver can change over at any moment of it.",
                Errors = [ApiErrors.ResourceNotFound],
            });
        webhooks.MapDeliveries();
    }

    private static void MapDeliveries(this RouteGroupBuilder webhooks)
    {
        webhooks.MapPost("/{id}/test", (HttpContext context, PathId id, Caller caller, DeliverAgain again) =>
                again.TestAsync(caller.Placement.TenantId, id, Change<ShownDelivery>(context, caller, "webhook.tested", Accepted)))
            .For(Permissions.OperateWebhooks)
            .Is("testWebhook", "Sends an event of type webhook.test.", Answers.Accepted<ShownDelivery>(), ApiErrors.ResourceNotFound, DeliverAgain.IsDisabled);
        webhooks.MapPost("/{id}/replay", (HttpContext context, PathId id, Caller caller, Body<ReplayRequest> body, DeliverAgain again) =>
                again.ReplayAsync(
                    caller.Placement.TenantId,
                    id,
                    body.Value,
                    Change<StartedReplay>(context, caller, "webhook.replayed", started => ApiResult.Accepted(started, LicensingJson.Default.StartedReplay))))
            .For(Permissions.OperateWebhooks)
            .Is(new Operation("replayWebhook", "Sends all events of a time again.", [Answers.Accepted<StartedReplay>()])
            {
                Description = "Under their old ids, those that were taken, too, and those that came about while the endpoint was disabled; events are kept for 30 days. At most 5 000 at a time: "
                    + "`continue_from` says where the next replay begins.",
                Errors = [ApiErrors.ResourceNotFound, DeliverAgain.IsDisabled],
            });
        webhooks.MapGet("/{id}/deliveries", async (PathId id, Caller caller, Query<DeliveryFilter> query, DeliveryLog log, CancellationToken cancellationToken) =>
                await log.ListAsync(caller.Placement.TenantId, id, query.Value, cancellationToken) is var (items, nextCursor)
                    ? ApiResult.Page<IReadOnlyList<ShownDelivery>>([.. items.Select(row => row.Show())], LicensingJson.Default.IReadOnlyListShownDelivery, nextCursor)
                    : ApiResult.Error(ApiErrors.ResourceNotFound))
            .For(Permissions.OperateWebhooks)
            .Is("listWebhookDeliveries", "Lists an endpoint's deliveries, newest first.", Answers.Page<ShownDelivery>(), ApiErrors.ResourceNotFound);
        webhooks.MapGet("/deliveries/{id}", async (PathId id, Caller caller, DeliveryLog log, CancellationToken cancellationToken) =>
                await log.FindAsync(caller.Placement.TenantId, id, cancellationToken) is { } found
                    ? ApiResult.Ok(found, LicensingJson.Default.DeliveryDetails)
                    : ApiResult.Error(ApiErrors.ResourceNotFound))
            .For(Permissions.OperateWebhooks)
            .Is("getWebhookDelivery", "Shows a delivery with what was sent and what was answered.", Answers.Ok<DeliveryDetails>(), ApiErrors.ResourceNotFound);
        webhooks.MapPost("/deliveries/{id}/redeliver", (HttpContext context, PathId id, Caller caller, DeliverAgain again) =>
                again.RedeliverAsync(caller.Placement.TenantId, id, Change<ShownDelivery>(context, caller, "webhook.redelivered", Accepted)))
            .For(Permissions.OperateWebhooks)
            .Is("redeliverWebhook", "Sends a delivery again.", Answers.Accepted<ShownDelivery>(), ApiErrors.ResourceNotFound, DeliverAgain.IsDisabled);
    }

    private static async Task<IResult> ListAsync(Caller caller, Query<ListQuery> query, WebhookStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await store.ListAsync(caller.Placement.TenantId, query.Value.Page(), cancellationToken);
        var now = time.GetUtcNow();
        return ApiResult.Page<IReadOnlyList<ShownWebhook>>([.. items.Select(row => row.Show(now))], LicensingJson.Default.IReadOnlyListShownWebhook, nextCursor);
    }

    private static ChangeRequest<T> Change<T>(HttpContext context, Caller caller, string action, Func<T, IApiResult> answer)
        where T : class => context.Change(action, caller.Placement.TenantId, answer);

    private static IApiResult Shown(ShownWebhook webhook) => ApiResult.Ok(webhook, LicensingJson.Default.ShownWebhook);

    private static IApiResult Created(CreatedWebhook webhook) => ApiResult.Created(webhook, LicensingJson.Default.CreatedWebhook);

    private static IApiResult Accepted(ShownDelivery delivery) => ApiResult.Accepted(delivery, LicensingJson.Default.ShownDelivery);
}
