using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>A user's own profile, tenants and data under <c>/v1/account</c> (CONTRACT §6).</summary>
internal static class AccountEndpoints
{
    public static void MapAccount(this RouteGroupBuilder routes)
    {
        var account = routes.MapGroup("").WithTags("Account");
        account.MapGet("/profile", GetAsync).For(Permissions.SeeOwnAccount).Is("getProfile", "Shows the caller's profile.", Answers.Ok<ShownProfile>());
        account.MapPut("/profile", ChangeAsync).Is("changeProfile", "Changes the caller's profile.", Answers.Ok<ShownProfile>());
        account.MapGet("/tenants", TenantsAsync).For(Permissions.SeeOwnAccount).Is("listOwnTenants", "Lists the tenants that the caller belongs to, newest first.", Answers.Page<ShownMembership>());
        account.MapGet("/export", ExportAsync).For(Permissions.SeeOwnAccount).Is("exportAccount", "Shows all that is kept about the caller.", Answers.Ok<ExportedAccount>());
        // Like a new password: a hash of the body must not be kept under an Idempotency-Key.
        account.MapDelete("", DeleteAsync).NeverReplay().Is(
            new Operation("deleteAccount", "Deletes the caller's account and all that belongs to it.", [Answers.Nothing])
            {
                Description = "Refused while the caller is the last owner of a tenant that is not closed.",
                Errors = [ApiErrors.VerificationFailed, ApiErrors.TwoFactorRequired, DeleteAccount.LastOwner, ApiErrors.AccountLocked],
            });
    }

    private static async Task<IResult> GetAsync(Caller caller, Profiles profiles, CancellationToken cancellationToken) =>
        await profiles.FindAsync(caller.Id, cancellationToken) is { } profile
            ? ApiResult.Ok(profile, LicensingJson.Default.ShownProfile)
            : ApiResult.Error(ApiErrors.Unauthenticated);

    private static Task<IResult> ChangeAsync(HttpContext context, Caller caller, Body<ProfileChange> body, Profiles profiles) =>
        profiles.ChangeAsync(
            caller.Id,
            caller.Context.TokenId,
            body.Value,
            context.Change<ShownProfile>("user.profile_changed", null, profile => ApiResult.Ok(profile, LicensingJson.Default.ShownProfile)));

    private static async Task<IResult> TenantsAsync(Caller caller, Query<ListQuery> query, Profiles profiles, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await profiles.TenantsAsync(caller.Id, query.Value.Page(), cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownMembership, nextCursor);
    }

    private static async Task<IResult> ExportAsync(HttpContext context, Caller caller, AccountExport export) =>
        await export.ReadAsync(caller.Id, caller.Audit(context, "user.exported", tenantId: null), context.RequestAborted) is { } exported
            ? ApiResult.Ok(exported, LicensingJson.Default.ExportedAccount)
            : ApiResult.Error(ApiErrors.Unauthenticated);

    private static Task<IResult> DeleteAsync(HttpContext context, Caller caller, Body<AccountDeletion> body, DeleteAccount delete) =>
        delete.ExecuteAsync(caller, body.Value, context.Change<Nothing>("user.deleted", null, _ => ApiResult.NoContent));
}

/// <summary>A new profile.</summary>
internal sealed record ProfileChange : IRequest
{
    /// <summary>What the user is called.</summary>
    [Text(120)]
    [Example("Ada Lovelace")]
    public required string Name { get; init; }

    /// <summary>Whom the user works for; absent or null is nobody.</summary>
    [Text(120)]
    [Example("Acme Ltd.")]
    public string? Company { get; init; }
}

/// <summary>What proves that it is the user who wants to go.</summary>
internal sealed record AccountDeletion : IRequest
{
    /// <summary>The account's password. Who has none sets one first.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("correct horse battery staple")]
    public required string Password { get; init; }

    /// <summary>A code of the second factor, or a recovery code, where the account has one.</summary>
    [Secret(64)]
    [Example("123456")]
    public string? Otp { get; init; }
}
