using ValidonX.Coherence;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;
using ValidonX.Platform.Rollups;

namespace ValidonX.LicensingApi.Metrics;

/// <summary>What callers have experienced: a tenant's own at <c>/v1/tenant/metrics</c>, any tenant's and everybody's under <c>/v1/admin</c>.</summary>
internal static class MetricsEndpoints
{
    private const string Description =
        "Counted at the gateway where a request ends, so that callers who were refused are in it; a few seconds old. Minutes are there for 24 hours, hours for 90 days.";

    public static void MapOwnMetrics(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/metrics", (Caller caller, Query<MetricsQuery> query, UseHistory history, MonthQuotas months, TimeProvider time, CancellationToken cancellationToken) =>
                ShowAsync(caller.Placement.TenantId, query.Value, history, months, time, cancellationToken))
            .WithTags("Metrics")
            .Is(new Operation("getMetrics", "Shows what the tenant's callers have experienced.", [Answers.Ok<TenantMetrics>()]) { Description = Description });

    public static void MapMetrics(this RouteGroupBuilder admin)
    {
        admin.MapGet("/metrics", (Query<MetricsQuery> query, UseHistory history, MonthQuotas months, TimeProvider time, CancellationToken cancellationToken) =>
                ShowAsync(Guid.Empty, query.Value, history, months, time, cancellationToken))
            .WithTags("Metrics")
            .Is(new Operation("getPlatformMetrics", "Shows what the callers of all tenants together have experienced.", [Answers.Ok<TenantMetrics>()]) { Description = Description });
        admin.MapGet("/metrics/tenants", async (ReadTenantLoads read, CancellationToken cancellationToken) =>
                await OrAwayAsync(async () => ApiResult.Ok(await read.ExecuteAsync(cancellationToken), LicensingJson.Default.TenantLoads)))
            .WithTags("Metrics")
            .Is(new Operation("listTenantLoads", "Shows which tenants call most, and how their callers fare.", [Answers.Ok<TenantLoads>()])
            {
                Description = "The running minute and the one before, the twenty tenants with the most requests; at most five seconds old.",
            });
        admin.MapGet("/tenants/{id}/metrics", OfTenantAsync)
            .WithTags("Metrics")
            .Is(new Operation("getTenantMetrics", "Shows what a tenant's callers have experienced.", [Answers.Ok<TenantMetrics>()]) { Description = Description, Errors = [ApiErrors.TenantNotFound] });
    }

    private static async Task<IResult> OfTenantAsync(
        PathId id, Query<MetricsQuery> query, TenantQueries tenants, UseHistory history, MonthQuotas months, TimeProvider time, CancellationToken cancellationToken) =>
        await tenants.ExistsAsync(id, cancellationToken)
            ? await ShowAsync(id, query.Value, history, months, time, cancellationToken)
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> ShowAsync(
        Guid tenantId, MetricsQuery query, UseHistory history, MonthQuotas months, TimeProvider time, CancellationToken cancellationToken)
    {
        var (from, to, step) = query.Span(time.GetUtcNow());
        return await OrAwayAsync(async () =>
        {
            var series = await history.ReadAsync(tenantId, from, to, step, cancellationToken);
            return ApiResult.Ok(TenantMetrics.Of(from, to, step, series) with { Month = await months.ReadAsync(tenantId, cancellationToken) }, LicensingJson.Default.TenantMetrics);
        });
    }

    private static async Task<IResult> OrAwayAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (Exception away) when (RedisFailure.Is(away))
        {
            return ApiResult.Error(ApiErrors.Unavailable);
        }
    }
}
