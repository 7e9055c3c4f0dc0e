using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Usage;

/// <summary>Usage in the Integration API (CONTRACT §3, §10) and under <c>/v1/tenant/usage</c>.</summary>
internal static class UsageEndpoints
{
    public static void MapUsage(this RouteGroupBuilder integration)
    {
        integration.MapPost("/usage/record", RecordAsync).WithMetadata(IdempotencyHeader.Instance).Is(
            new Operation("recordUsage", "Records usage of a metered entitlement.", [Answers.Accepted<UsageAnswer>()])
            {
                Description = "With the same `Idempotency-Key` a report never counts twice, whatever happens in between. Usage of an expired or suspended license counts, too: it happened.",
                Errors = [ApiErrors.LicenseNotFound, ApiErrors.LicenseRevoked, ApiErrors.EntitlementLimitExceeded("api.calls", 10_000, 10_000), ApiErrors.IdempotencyKeyReused],
            });
        integration.MapPost("/usage/batch", BatchAsync).Is(
            new Operation("recordUsageBatch", "Records up to a thousand reports of usage.", [Answers.Ok<UsageBatchAnswer>()])
            {
                Description = "Each report counts once for ever under its `idempotency_key`, alone or in whatever batch it comes again, also when the answer got lost; so an app that was offline sends what it "
                    + "has until it has an answer. What cannot be counted is told by its place in `rejected`, with the code that it would have had alone; the rest counts.",
            });
    }

    public static void MapTenantUsage(this RouteGroupBuilder tenant)
    {
        var usage = tenant.MapGroup("/usage").WithTags("Usage");
        usage.MapGet("/events", ListEventsAsync).Is("listUsageEvents", "Lists usage events, those that came last first.", Answers.Page<UsageEventDetails>());
        usage.MapGet("/snapshots", ListSnapshotsAsync).Is("listUsageSnapshots", "Lists usage by hour, day or month.", Answers.Page<UsageSnapshot>());
        usage.MapPost("/reconcile", ReconcileAsync).For(Permissions.WriteLicenses).Is(
            new Operation("reconcileUsage", "Compares what is counted with the events it is counted from.", [Answers.Ok<UsageReconciliation>()])
            {
                Description = "Reads one state of everything, so that what is recorded meanwhile makes no difference. With `repair` it puts right what differs: the events are the truth.",
            });
    }

    private static async Task<IResult> RecordAsync(
        HttpContext context, Caller caller, Body<UsageRequest> body, RecordUsage record, UsageReports reports)
    {
        var keyHash = IdempotencyKey.Of(context.Request)?.Hash;
        var report = await reports.OfAsync(caller.Placement, body.Value, keyHash, context.RequestAborted);
        if (report.Refusal is { } refusal)
        {
            return ApiResult.Error(refusal);
        }

        var outcome = (await record.ExecuteAsync(caller.Placement, [report.Value!], Audit(context, caller), context.RequestAborted))[0];
        if (outcome.Value is { IsReplay: true })
        {
            context.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        }

        return outcome.ToResult(recorded => ApiResult.Accepted(new UsageAnswer(true, recorded.Event), LicensingJson.Default.UsageAnswer));
    }

    private static async Task<IResult> BatchAsync(HttpContext context, Caller caller, Body<UsageBatch> body, RecordUsage record, UsageReports reports)
    {
        var all = await reports.OfAsync(caller.Placement, body.Value.Events, context.RequestAborted);
        UsageReport[] good = [.. all.Select(report => report.Value).OfType<UsageReport>()];
        var recorded = new Queue<Outcome<RecordedUsage>>(
            good.Length == 0 ? [] : await record.ExecuteAsync(caller.Placement, good, Audit(context, caller), context.RequestAborted));
        return ApiResult.Ok(
            UsageBatchAnswer.Of([.. all.Select(report => report.Refusal is { } refusal ? refusal : recorded.Dequeue())]), LicensingJson.Default.UsageBatchAnswer);
    }

    private static async Task<IResult> ListEventsAsync(Caller caller, Query<UsageEventFilter> query, UsageQueries usage, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await usage.EventsAsync(caller.Placement, query.Value, cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListUsageEventDetails, nextCursor);
    }

    private static async Task<IResult> ListSnapshotsAsync(Caller caller, Query<UsageSnapshotFilter> query, UsageQueries usage, CancellationToken cancellationToken) =>
        ApiResult.Page(await usage.SnapshotsAsync(caller.Placement, query.Value, cancellationToken), LicensingJson.Default.IReadOnlyListUsageSnapshot, nextCursor: null);

    private static Task<IResult> ReconcileAsync(HttpContext context, Caller caller, Body<ReconcileRequest> body, ReconcileUsage reconcile) =>
        reconcile.ExecuteAsync(
            caller.Placement,
            body.Value,
            context.Change<UsageReconciliation>(
                "usage.repaired", caller.Placement.TenantId, found => ApiResult.Ok(found, LicensingJson.Default.UsageReconciliation)));

    private static Platform.Audit.AuditEvent Audit(HttpContext context, Caller caller) => caller.Audit(context, "usage.threshold_reached", caller.Placement.TenantId);
}
