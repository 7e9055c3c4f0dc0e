using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Tokens;

/// <summary>
/// A user's own tokens under <c>/v1/account/tokens</c>, those of a tenant's members under <c>/v1/admin/tenants/{id}/tokens</c> (CONTRACT §9). A
/// token is shown in the answer that makes it, and again to nobody but a repetition with the same Idempotency-Key.
/// </summary>
internal static class TokenEndpoints
{
    private const string Once = "`token` is shown in this answer, and again to nobody but a repetition with the same `Idempotency-Key`.";

    private static readonly ApiError TooMany = ApiErrors.Conflict("The user has 100 valid tokens; end one first.");

    /// <summary>A user's own.</summary>
    public static void MapOwnTokens(this RouteGroupBuilder account)
    {
        var own = account.MapGroup("/tokens").WithTags("Account");
        own.MapGet("/", (Caller caller, Query<ListQuery> query, TokenStore tokens, CancellationToken cancellationToken) =>
                ListAsync(TokenScope.OfUser(caller.Id), query.Value, tokens, cancellationToken))
            .For(Permissions.SeeOwnAccount).Is("listOwnTokens", "Lists the caller's valid tokens, newest first.", Answers.Page<ShownToken>());
        own.MapPost("/", CreateOwnAsync).Is(
            new Operation("createOwnToken", "Makes a token for the caller.", [Answers.Created<CreatedToken>()]) { Description = Once, Errors = [TooMany] });
        own.MapDelete("/{tokenId}", RevokeOwnAsync).For(Permissions.SeeOwnAccount).Is("revokeOwnToken", "Ends a token of the caller.", Answers.Ok<DeletedAnswer>(), ApiErrors.ResourceNotFound);
    }

    /// <summary>Those of a tenant's members, for operators.</summary>
    public static void MapTokensOfMembers(this RouteGroupBuilder tenant)
    {
        var members = tenant.MapGroup("/tokens");
        members.MapGet("/", ListOfTenantAsync).Is("listTokensOfTenant", "Lists the valid tokens of a tenant's members, newest first.", Answers.Page<ShownToken>(), ApiErrors.TenantNotFound);
        members.MapPost("/", CreateForMemberAsync).Is(
            new Operation("createTokenForMember", "Makes a token for a member of a tenant.", [Answers.Created<CreatedToken>()])
            {
                Description = Once,
                Errors = [ApiErrors.TenantNotFound, TooMany],
            });
        members.MapDelete("/{tokenId}", RevokeOfTenantAsync).Is(
            "revokeTokenOfMember", "Ends a token of a member of a tenant.", Answers.Ok<DeletedAnswer>(), ApiErrors.TenantNotFound, ApiErrors.ResourceNotFound);
    }

    private static Task<IResult> CreateOwnAsync(HttpContext context, Caller caller, Body<TokenRequest> body, TokenStore tokens, TimeProvider time) =>
        tokens.CreateAsync(caller.Id, caller.Context.TokenId, body.Value.ToToken(time.GetUtcNow()), ToCreate(context, caller.Context.TenantId));

    private static Task<IResult> RevokeOwnAsync(HttpContext context, PathId tokenId, Caller caller, TokenStore tokens) =>
        RevokeAsync(context, tokenId, tokens, TokenScope.OfUser(caller.Id), caller.Context.TenantId);

    private static async Task<IResult> ListOfTenantAsync(
        PathId id, Query<ListQuery> query, TokenStore tokens, TenantQueries tenants, CancellationToken cancellationToken) =>
        await tenants.ExistsAsync(id, cancellationToken)
            ? await ListAsync(TokenScope.OfTenant(id), query.Value, tokens, cancellationToken)
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static Task<IResult> CreateForMemberAsync(HttpContext context, PathId id, Body<MemberTokenRequest> body, TokenStore tokens, TimeProvider time) =>
        tokens.CreateForMemberAsync(id, body.Value.UserId, body.Value.ToToken(time.GetUtcNow()), ToCreate(context, id));

    private static async Task<IResult> RevokeOfTenantAsync(HttpContext context, PathId id, PathId tokenId, TokenStore tokens, TenantQueries tenants) =>
        await tenants.ExistsAsync(id, context.RequestAborted)
            ? await RevokeAsync(context, tokenId, tokens, TokenScope.OfTenant(id), id)
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> ListAsync(TokenScope scope, ListQuery query, TokenStore tokens, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await tokens.ListAsync(scope, query.Page(), cancellationToken);
        return ApiResult.Page<IReadOnlyList<ShownToken>>([.. items.Select(row => row.Show())], LicensingJson.Default.IReadOnlyListShownToken, nextCursor);
    }

    private static Task<IResult> RevokeAsync(HttpContext context, Guid tokenId, TokenStore tokens, TokenScope scope, Guid? tenantId) =>
        tokens.RevokeAsync(
            scope, tokenId, context.Change<DeletedAnswer>("token.revoked", tenantId, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)));

    private static ChangeRequest<CreatedToken> ToCreate(HttpContext context, Guid? tenantId) =>
        context.Change<CreatedToken>("token.created", tenantId, created => ApiResult.Created(created, LicensingJson.Default.CreatedToken));
}
