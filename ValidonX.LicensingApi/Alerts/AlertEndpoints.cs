using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Alerts;

/// <summary>What is wrong with tenants: any tenant's under <c>/v1/admin/alerts</c>, one's own under <c>/v1/tenant/alerts</c>.</summary>
internal static class AlertEndpoints
{
    public static void MapAlerts(this RouteGroupBuilder admin)
    {
        var alerts = admin.MapGroup("/alerts").WithTags("Alerts");
        alerts.MapGet("/", (Query<AlertFilter> query, AlertBoard board, CancellationToken cancellationToken) =>
                ListAsync(query.Value.TenantId, isTenants: false, query.Value, board, cancellationToken))
            .Is("listAlerts", "Lists alerts of all tenants, newest first.", Answers.Page<ShownAlert>());
        alerts.MapGet("/{id}", async (PathId id, AlertBoard board, CancellationToken cancellationToken) =>
                await board.FindAsync(tenantId: null, id, cancellationToken) is { } alert ? Show(alert) : ApiResult.Error(ApiErrors.ResourceNotFound))
            .Is("getAlert", "Shows an alert.", Answers.Ok<AlertAnswer>(), ApiErrors.ResourceNotFound);
        alerts.MapPost("/{id}/acknowledge", (HttpContext context, PathId id, AlertBoard board) =>
                board.AcknowledgeAsync(tenantId: null, id, context.Change<ShownAlert>("alert.acknowledged", null, Show)))
            .Is("acknowledgeAlert", "Takes an alert on.", Answers.Ok<AlertAnswer>(), ApiErrors.ResourceNotFound, AlertBoard.IsClosed);
        alerts.MapPost("/{id}/close", (HttpContext context, PathId id, AlertBoard board) => board.CloseAsync(id, context.Change<ShownAlert>("alert.closed", null, Show)))
            .Is(new Operation("closeAlert", "Closes an alert.", [Answers.Ok<AlertAnswer>()])
            {
                Description = "An alert closes by itself when what is wrong has been over for some minutes. One that is closed before opens again when it has been over and comes back.",
                Errors = [ApiErrors.ResourceNotFound],
            });
    }

    public static void MapOwnAlerts(this RouteGroupBuilder tenant)
    {
        var alerts = tenant.MapGroup("/alerts").WithTags("Alerts");
        alerts.MapGet("/", (Caller caller, Query<OwnAlertFilter> query, AlertBoard board, CancellationToken cancellationToken) =>
                ListAsync(caller.Placement.TenantId, isTenants: true, query.Value, board, cancellationToken))
            .Is(new Operation("listOwnAlerts", "Lists the tenant's alerts, newest first.", [Answers.Page<ShownAlert>()])
            {
                Description = "Those that compare the tenant with others are for operators alone.",
            });
        alerts.MapPost("/{id}/acknowledge", (HttpContext context, Caller caller, PathId id, AlertBoard board) =>
                board.AcknowledgeAsync(caller.Placement.TenantId, id, context.Change<ShownAlert>("alert.acknowledged", caller.Placement.TenantId, Show)))
            .For(Permissions.AcknowledgeAlerts)
            .Is("acknowledgeOwnAlert", "Takes an alert of the tenant on.", Answers.Ok<AlertAnswer>(), ApiErrors.ResourceNotFound, AlertBoard.IsClosed);
    }

    private static async Task<IResult> ListAsync(Guid? tenantId, bool isTenants, OwnAlertFilter filter, AlertBoard board, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await board.ListAsync(tenantId, isTenants, filter, cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownAlert, nextCursor);
    }

    private static IApiResult Show(ShownAlert alert) => ApiResult.Ok(new AlertAnswer(alert), LicensingJson.Default.AlertAnswer);
}
