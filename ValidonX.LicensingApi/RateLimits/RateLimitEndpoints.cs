using ValidonX.LicensingApi.ApiKeys;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.RateLimits;

/// <summary>Operators' limits for a tenant and for one of its keys (CONTRACT §6.1).</summary>
internal static class RateLimitEndpoints
{
    public static void MapRateLimits(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("/rate-limits", GetAsync).Is("getRateLimits", "Shows a tenant's own rate limits.", Answers.Ok<TenantRateLimits>(), ApiErrors.TenantNotFound);
        tenant.MapPut("/rate-limits", PutAsync).Is(
            new Operation("replaceRateLimits", "Replaces a tenant's own rate limits.", [Answers.Ok<TenantRateLimits>()])
            {
                Description = "Null is the plan's. In force on every gateway when the call returns.",
                Errors = [ApiErrors.TenantNotFound],
            });
        tenant.MapGet("/api-keys", ListKeysAsync).Is("listApiKeysOfTenant", "Lists a tenant's API keys, newest first.", Answers.Page<ShownApiKey>(), ApiErrors.TenantNotFound);
        tenant.MapPut("/api-keys/{keyId}/rate-limit", LimitKeyAsync).Is(
            "limitApiKey", "Gives an API key a rate limit of its own, or takes it away.", Answers.Ok<ShownApiKey>(), ApiErrors.ResourceNotFound);
    }

    private static async Task<IResult> GetAsync(PathId id, RateLimitOverrides limits, CancellationToken cancellationToken) =>
        (await limits.FindAsync(id, cancellationToken)).ToResult(Show);

    private static Task<IResult> PutAsync(HttpContext context, PathId id, Body<TenantRateLimits> body, RateLimitOverrides limits) =>
        limits.ReplaceAsync(id, body.Value, context.Change<TenantRateLimits>("tenant.rate_limits_changed", id, Show));

    private static async Task<IResult> ListKeysAsync(
        PathId id, Query<ListQuery> query, ApiKeyStore keys, TenantQueries tenants, TimeProvider time, CancellationToken cancellationToken) =>
        await tenants.ExistsAsync(id, cancellationToken)
            ? await ApiKeyEndpoints.ListAsync(id, query.Value, keys, time, cancellationToken)
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static Task<IResult> LimitKeyAsync(HttpContext context, PathId id, PathId keyId, Body<KeyQuota> body, ApiKeyStore keys, TimeProvider time) =>
        keys.LimitAsync(
            id,
            keyId,
            body.Value.Requests,
            body.Value.PeriodSeconds,
            context.Change<ApiKeyRow>("api_key.rate_limit_changed", id, key => ApiResult.Ok(key.Show(time.GetUtcNow()), LicensingJson.Default.ShownApiKey)));

    private static IApiResult Show(TenantRateLimits limits) => ApiResult.Ok(limits, LicensingJson.Default.TenantRateLimits);
}
