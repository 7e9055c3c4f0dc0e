using ValidonX.LicensingApi.ApiKeys;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.RateLimits;

/// <summary>Operators' limits for a tenant and for one of its keys (CONTRACT §6.1).</summary>
internal static class RateLimitEndpoints
{
    private const long MaximumRequests = 1_000_000_000_000;
    private const long MaximumPeriodSeconds = 86_400;

    public static void MapRateLimits(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("/rate-limits", GetAsync);
        tenant.MapPut("/rate-limits", PutAsync);
        tenant.MapGet("/api-keys", (HttpContext context, string id, ApiKeyStore keys, TenantQueries tenants, TimeProvider time) =>
            ListKeysAsync(context, id, keys, tenants, time));
        tenant.MapPut("/api-keys/{keyId}/rate-limit", LimitKeyAsync);
    }

    private static async Task<IResult> GetAsync(HttpContext context, string id, RateLimitOverrides limits) =>
        Guid.TryParseExact(id, "D", out var tenantId)
            ? (await limits.FindAsync(tenantId, context.RequestAborted)).ToResult(Show)
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> PutAsync(HttpContext context, string id, RateLimitOverrides limits)
    {
        var body = await RequestBody.ReadAsync(context);
        KeyQuota? key = null;
        TenantQuota? tenant = null;
        EndpointQuotas? endpoint = null;
        body.Nested("key", nested => key = ReadKeyQuota(nested));
        body.Nested("tenant", nested => tenant = new TenantQuota(nested.OptionalInteger("requests", 1, MaximumRequests)));
        body.Nested("endpoint", nested => endpoint = new EndpointQuotas(
            nested.OptionalInteger("activations", 1, MaximumRequests),
            nested.OptionalInteger("usage", 1, MaximumRequests),
            nested.OptionalInteger("entitlements", 1, MaximumRequests)));
        body.ThrowIfInvalid();
        if (!Guid.TryParseExact(id, "D", out var tenantId))
        {
            return ApiResult.Error(ApiErrors.TenantNotFound);
        }

        return await limits.ReplaceAsync(
            tenantId, new TenantRateLimits(key, tenant, endpoint), context.Change<TenantRateLimits>("tenant.rate_limits_changed", tenantId, Show));
    }

    private static async Task<IResult> ListKeysAsync(HttpContext context, string id, ApiKeyStore keys, TenantQueries tenants, TimeProvider time) =>
        Guid.TryParseExact(id, "D", out var tenantId) && await tenants.ExistsAsync(tenantId, context.RequestAborted)
            ? await ApiKeyEndpoints.ListAsync(context, keys, time, tenantId)
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> LimitKeyAsync(HttpContext context, string id, string keyId, ApiKeyStore keys, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(context);
        var quota = ReadKeyQuota(body);
        body.ThrowIfInvalid();
        if (!Guid.TryParseExact(id, "D", out var tenantId) || !Guid.TryParseExact(keyId, "D", out var knownKey))
        {
            return ApiResult.Error(ApiErrors.ResourceNotFound);
        }

        return await keys.LimitAsync(
            tenantId,
            knownKey,
            quota.Requests,
            quota.PeriodSeconds,
            context.Change<ApiKeyRow>(
                "api_key.rate_limit_changed", tenantId, key => ApiResult.Ok(key.Show(time.GetUtcNow()), LicensingJson.Default.ShownApiKey)));
    }

    private static KeyQuota ReadKeyQuota(RequestBody body)
    {
        var requests = body.OptionalInteger("requests", 1, MaximumRequests);
        var period = body.OptionalInteger("period_seconds", 1, MaximumPeriodSeconds);
        if (period is not null && !body.Has("requests"))
        {
            body.Fail("requests", "Is required with period_seconds.");
        }

        return new KeyQuota(requests, period);
    }

    private static IApiResult Show(TenantRateLimits limits) => ApiResult.Ok(limits, LicensingJson.Default.TenantRateLimits);
}
