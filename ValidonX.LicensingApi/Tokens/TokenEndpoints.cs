using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Tokens;

/// <summary>
/// A user's own tokens under <c>/v1/account/tokens</c>, those of a tenant's members under <c>/v1/admin/tenants/{id}/tokens</c> (CONTRACT §9). A
/// token is shown in the answer that makes it, and again to nobody but a repetition with the same Idempotency-Key.
/// </summary>
internal static class TokenEndpoints
{
    private const string Created = "token.created";

    private static readonly TimeSpan DefaultLife = TimeSpan.FromDays(90);
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(365);

    /// <summary>A user's own.</summary>
    public static void MapOwnTokens(this RouteGroupBuilder account)
    {
        var own = account.MapGroup("/tokens");
        own.MapGet("/", ListOwnAsync);
        own.MapPost("/", CreateOwnAsync);
        own.MapDelete("/{tokenId}", RevokeOwnAsync);
    }

    /// <summary>Those of a tenant's members, for operators.</summary>
    public static void MapTokensOfMembers(this RouteGroupBuilder tenant)
    {
        var members = tenant.MapGroup("/tokens");
        members.MapGet("/", ListOfTenantAsync);
        members.MapPost("/", CreateForMemberAsync);
        members.MapDelete("/{tokenId}", RevokeOfTenantAsync);
    }

    private static Task<IResult> ListOwnAsync(HttpContext context, TokenStore tokens) => ListAsync(context, tokens, TokenScope.OfUser(context.GetCaller().Id));

    private static async Task<IResult> CreateOwnAsync(HttpContext context, TokenStore tokens, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(context);
        var created = Read(body, time.GetUtcNow());
        body.ThrowIfInvalid();
        var caller = context.GetCaller();
        return await tokens.CreateAsync(caller.Id, caller.Context.TokenId, created, ToCreate(context, caller.Context.TenantId));
    }

    private static Task<IResult> RevokeOwnAsync(HttpContext context, string tokenId, TokenStore tokens)
    {
        var caller = context.GetCaller();
        return RevokeAsync(context, tokenId, tokens, TokenScope.OfUser(caller.Id), caller.Context.TenantId);
    }

    private static async Task<IResult> ListOfTenantAsync(HttpContext context, string id, TokenStore tokens, TenantQueries tenants) =>
        Guid.TryParseExact(id, "D", out var tenantId) && await tenants.ExistsAsync(tenantId, context.RequestAborted)
            ? await ListAsync(context, tokens, TokenScope.OfTenant(tenantId))
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> CreateForMemberAsync(HttpContext context, string id, TokenStore tokens, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(context);
        var created = Read(body, time.GetUtcNow());
        var userId = body.OptionalId("user_id");
        body.ThrowIfInvalid();
        if (!Guid.TryParseExact(id, "D", out var tenantId))
        {
            return ApiResult.Error(ApiErrors.TenantNotFound);
        }

        return await tokens.CreateForMemberAsync(tenantId, userId, created, ToCreate(context, tenantId));
    }

    private static async Task<IResult> RevokeOfTenantAsync(HttpContext context, string id, string tokenId, TokenStore tokens, TenantQueries tenants) =>
        Guid.TryParseExact(id, "D", out var tenantId) && await tenants.ExistsAsync(tenantId, context.RequestAborted)
            ? await RevokeAsync(context, tokenId, tokens, TokenScope.OfTenant(tenantId), tenantId)
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> ListAsync(HttpContext context, TokenStore tokens, TokenScope scope)
    {
        var (items, nextCursor) = await tokens.ListAsync(scope, PageRequest.From(context), context.RequestAborted);
        return ApiResult.Page<IReadOnlyList<ShownToken>>([.. items.Select(row => row.Show())], LicensingJson.Default.IReadOnlyListShownToken, nextCursor);
    }

    private static async Task<IResult> RevokeAsync(HttpContext context, string tokenId, TokenStore tokens, TokenScope scope, Guid? tenantId) =>
        Guid.TryParseExact(tokenId, "D", out var known)
            ? await tokens.RevokeAsync(
                scope, known, context.Change<DeletedAnswer>("token.revoked", tenantId, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)))
            : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static NewToken Read(RequestBody body, DateTimeOffset now)
    {
        var name = body.RequiredText("name", 120);
        var expiresAt = body.OptionalTime("expires_at") ?? now + DefaultLife;
        if (expiresAt <= now || expiresAt > now + LongestLife)
        {
            body.Fail("expires_at", "Must lie in the future, and at most 365 days ahead.");
        }

        return new NewToken(name, expiresAt);
    }

    private static ChangeRequest<CreatedToken> ToCreate(HttpContext context, Guid? tenantId) =>
        context.Change<CreatedToken>(Created, tenantId, created => ApiResult.Created(created, LicensingJson.Default.CreatedToken));
}
