using System.Net;
using System.Text.Json;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Keys;

namespace ValidonX.LicensingApi.ApiKeys;

/// <summary>API keys under <c>/v1/tenant/api-keys</c> (CONTRACT §6.1).</summary>
internal static class ApiKeyEndpoints
{
    private const int MaximumNetworks = 50;
    private const long DefaultOverlapSeconds = 24 * 60 * 60;
    private const long MaximumOverlapSeconds = 30 * 24 * 60 * 60;

    public static void MapApiKeys(this RouteGroupBuilder tenant)
    {
        var keys = tenant.MapGroup("/api-keys");
        var writing = CallerRequirement.User(TenantRole.Admin);
        keys.MapGet("/", ListOwnAsync);
        keys.MapPost("/", CreateAsync).For(writing);
        keys.MapDelete("/{id}", RevokeAsync).For(writing);
        keys.MapPost("/{id}/rotate", RotateAsync).For(writing);
    }

    private static Task<IResult> ListOwnAsync(HttpContext context, ApiKeyStore keys, TimeProvider time) =>
        ListAsync(context, keys, time, context.GetCaller().Placement.TenantId);

    /// <summary>One page of a tenant's keys.</summary>
    public static async Task<IResult> ListAsync(HttpContext context, ApiKeyStore keys, TimeProvider time, Guid tenantId)
    {
        var (items, nextCursor) = await keys.ListAsync(tenantId, PageRequest.From(context), context.RequestAborted);
        var now = time.GetUtcNow();
        return ApiResult.Page<IReadOnlyList<ShownApiKey>>([.. items.Select(key => key.Show(now))], LicensingJson.Default.IReadOnlyListShownApiKey, nextCursor);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, ApiKeyStore keys, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(context);
        var name = body.RequiredText("name", 120);
        var scopes = body.Texts("scopes", 0, ApiKeyScopes.Names.Count, 32);
        if (scopes.Except(ApiKeyScopes.Names, StringComparer.Ordinal).Any())
        {
            body.Fail("scopes", $"Must only have: {string.Join(", ", ApiKeyScopes.Names)}.");
        }

        var networks = body.Texts("allowed_ips", 0, MaximumNetworks, 64);
        if (!networks.All(network => IPAddress.TryParse(network, out _) || IPNetwork.TryParse(network, out _)))
        {
            body.Fail("allowed_ips", "Must only have IP addresses and networks such as 203.0.113.0/24.");
        }

        var expiresAt = body.OptionalTime("expires_at");
        if (expiresAt <= time.GetUtcNow())
        {
            body.Fail("expires_at", "Must lie in the future.");
        }

        body.ThrowIfInvalid();
        var tenantId = context.GetCaller().Placement.TenantId;
        return await keys.CreateAsync(
            tenantId,
            new NewApiKey(name, ToJson(scopes), ToJson(networks), expiresAt),
            context.Change<CreatedApiKey>("api_key.created", tenantId, created => ApiResult.Created(created, LicensingJson.Default.CreatedApiKey)));
    }

    private static async Task<IResult> RevokeAsync(HttpContext context, string id, ApiKeyStore keys)
    {
        if (!Guid.TryParseExact(id, "D", out var known))
        {
            return ApiResult.Error(ApiErrors.ResourceNotFound);
        }

        var tenantId = context.GetCaller().Placement.TenantId;
        return await keys.RevokeAsync(
            tenantId, known, context.Change<DeletedAnswer>("api_key.revoked", tenantId, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)));
    }

    private static async Task<IResult> RotateAsync(HttpContext context, string id, ApiKeyStore keys)
    {
        var body = await RequestBody.ReadAsync(context, optional: true);
        var overlap = body.OptionalInteger("overlap_seconds", 0, MaximumOverlapSeconds) ?? DefaultOverlapSeconds;
        body.ThrowIfInvalid();
        if (!Guid.TryParseExact(id, "D", out var known))
        {
            return ApiResult.Error(ApiErrors.ResourceNotFound);
        }

        var tenantId = context.GetCaller().Placement.TenantId;
        return await keys.RotateAsync(
            tenantId,
            known,
            TimeSpan.FromSeconds(overlap),
            context.Change<CreatedApiKey>("api_key.rotated", tenantId, rotated => ApiResult.Created(rotated, LicensingJson.Default.CreatedApiKey)));
    }

    private static string ToJson(IReadOnlyList<string> texts) => JsonSerializer.Serialize(texts, LicensingJson.Default.IReadOnlyListString);
}
