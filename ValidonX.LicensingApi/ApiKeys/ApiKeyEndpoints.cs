using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.ApiKeys;

/// <summary>API keys under <c>/v1/tenant/api-keys</c> (CONTRACT §6.1).</summary>
internal static class ApiKeyEndpoints
{
    public static void MapApiKeys(this RouteGroupBuilder tenant)
    {
        var keys = tenant.MapGroup("/api-keys").WithTags("API keys");
        keys.MapGet("/", (Caller caller, Query<ListQuery> query, ApiKeyStore store, TimeProvider time, CancellationToken cancellationToken) =>
                ListAsync(caller.Placement.TenantId, query.Value, store, time, cancellationToken))
            .Is("listApiKeys", "Lists API keys, newest first.", Answers.Page<ShownApiKey>());
        keys.MapPost("/", CreateAsync).For(Permissions.ManageApiKeys).Is(
            new Operation("createApiKey", "Makes an API key.", [Answers.Created<CreatedApiKey>()]) { Description = "`key` is shown in this answer and never again." });
        keys.MapDelete("/{id}", RevokeAsync).For(Permissions.ManageApiKeys).Is(
            new Operation("revokeApiKey", "Revokes an API key.", [Answers.Ok<DeletedAnswer>()])
            {
                Description = "No gateway accepts it any more when the call returns. Revoking again changes nothing.",
                Errors = [ApiErrors.ResourceNotFound],
            });
        keys.MapPost("/{id}/rotate", RotateAsync).For(Permissions.ManageApiKeys).Is(
            new Operation("rotateApiKey", "Makes a key in the place of another, which stays valid for an overlap.", [Answers.Created<CreatedApiKey>()])
            {
                Errors = [ApiErrors.ResourceNotFound, ApiErrors.Conflict("The key is revoked, expired or rotated already.")],
            });
    }

    /// <summary>One page of a tenant's keys.</summary>
    public static async Task<IResult> ListAsync(Guid tenantId, ListQuery query, ApiKeyStore keys, TimeProvider time, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await keys.ListAsync(tenantId, query.Page(), cancellationToken);
        var now = time.GetUtcNow();
        return ApiResult.Page<IReadOnlyList<ShownApiKey>>([.. items.Select(key => key.Show(now))], LicensingJson.Default.IReadOnlyListShownApiKey, nextCursor);
    }

    private static Task<IResult> CreateAsync(HttpContext context, Caller caller, Body<ApiKeyRequest> body, ApiKeyStore keys) =>
        keys.CreateAsync(
            caller.Placement.TenantId,
            body.Value.ToKey(),
            context.Change<CreatedApiKey>(
                "api_key.created", caller.Placement.TenantId, created => ApiResult.Created(created, LicensingJson.Default.CreatedApiKey)));

    private static Task<IResult> RevokeAsync(HttpContext context, PathId id, Caller caller, ApiKeyStore keys) =>
        keys.RevokeAsync(
            caller.Placement.TenantId,
            id,
            context.Change<DeletedAnswer>("api_key.revoked", caller.Placement.TenantId, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)));

    private static Task<IResult> RotateAsync(HttpContext context, PathId id, Caller caller, Body<ApiKeyRotation> body, ApiKeyStore keys) =>
        keys.RotateAsync(
            caller.Placement.TenantId,
            id,
            TimeSpan.FromSeconds(body.Value.OverlapSeconds),
            context.Change<CreatedApiKey>(
                "api_key.rotated", caller.Placement.TenantId, rotated => ApiResult.Created(rotated, LicensingJson.Default.CreatedApiKey)));
}
