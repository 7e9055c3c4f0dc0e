using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Sessions;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;

namespace ValidonX.LicensingApi.Passkeys;

/// <summary>
/// Passkeys under <c>/v1/account/passkeys</c> and, for operators, <c>/auth/passkeys</c>; the way in by one under <c>/v1/auth/passkey</c> and <c>/auth/passkey</c>. What takes
/// a password or a challenge takes no Idempotency-Key.
/// </summary>
internal static class PasskeyEndpoints
{
    /// <summary>Maps the caller's own.</summary>
    /// <param name="group">The caller's own routes.</param>
    /// <param name="whose">Keeps the names of operations apart: empty, or <c>Operator</c>.</param>
    public static void MapPasskeys(this IEndpointRouteBuilder group, string whose = "")
    {
        var passkeys = group.MapGroup("/passkeys");
        passkeys.MapGet("/", ListAsync).Is($"list{whose}Passkeys", "Lists the caller's passkeys, newest first.", Answers.Page<ShownPasskey>());
        passkeys.MapPost("/options", BeginAsync).NeverReplay().Is(
            new Operation($"begin{whose}Passkey", "Begins to make a passkey.", [Answers.Ok<PasskeyQuestion>()])
            {
                Description = "Takes the password, and the second factor's code, as far as the account has them.",
                Errors = [ApiErrors.VerificationFailed, ApiErrors.TwoFactorRequired, PasskeyStore.TooMany, ApiErrors.AccountLocked],
            });
        passkeys.MapPost("/", AddAsync).NeverReplay().Is(
            $"add{whose}Passkey", "Makes a passkey by the answer of an authenticator.", Answers.Created<ShownPasskey>(), PasskeyStore.NotConfirmed, PasskeyStore.IsKnown);
        passkeys.MapPatch("/{id}", RenameAsync).Is($"rename{whose}Passkey", "Gives a passkey another name.", Answers.Ok<ShownPasskey>(), ApiErrors.ResourceNotFound);
        passkeys.MapDelete("/{id}", DeleteAsync).NeverReplay().Is(
            new Operation($"delete{whose}Passkey", "Deletes a passkey.", [Answers.Ok<DeletedAnswer>()])
            {
                Description = "Takes the password, and the second factor's code, as far as the account has them.",
                Errors = [ApiErrors.ResourceNotFound, ApiErrors.VerificationFailed, ApiErrors.TwoFactorRequired, ApiErrors.AccountLocked],
            });
    }

    /// <summary>Maps the way in.</summary>
    public static void MapPasskeySignIn(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/v1/auth/passkey").WithTags("Sign-in");
        users.MapPost("/options", (PasskeyCeremonies ceremonies) => Ask(ceremonies, TokenOwners.User))
            .Is("askForPasskey", "Asks for a passkey, whosever it is.", Answers.Ok<PasskeyQuestion>());
        users.MapPost("/login", (HttpContext context, Caller caller, Body<PasskeySignIn> body, PasskeyLogin login) => login.UserAsync(
                body.Value, caller.Network, context.Change<UserLoginAnswer>("user.logged_in", null, user => ApiResult.Ok(user, LicensingJson.Default.UserLoginAnswer))))
            .Is("logInWithPasskey", "Logs a user in by a passkey, which is two factors in one.", Answers.Ok<UserLoginAnswer>(), PasskeyLogin.Refused, ApiErrors.AccountLocked);

        var operators = routes.MapGroup("/auth/passkey").WithTags("Operator sessions");
        operators.MapPost("/options", (PasskeyCeremonies ceremonies) => Ask(ceremonies, TokenOwners.Admin))
            .Is("askForOperatorPasskey", "Asks for an operator's passkey, whosever it is.", Answers.Ok<PasskeyQuestion>());
        operators.MapPost("/login", (HttpContext context, Caller caller, Body<PasskeySignIn> body, PasskeyLogin login) => login.OperatorAsync(
                body.Value, caller.Network, context.Change<LoginAnswer>("operator.logged_in", null, answer => ApiResult.Ok(answer, LicensingJson.Default.LoginAnswer))))
            .Is("logInOperatorWithPasskey", "Logs an operator in by a passkey, which is two factors in one.", Answers.Ok<LoginAnswer>(), PasskeyLogin.Refused, ApiErrors.AccountLocked);
    }

    private static IApiResult Ask(PasskeyCeremonies ceremonies, string ownerType) => ApiResult.Ok(ceremonies.AskForAny(ownerType), LicensingJson.Default.PasskeyQuestion);

    private static async Task<IResult> ListAsync(Caller caller, Query<ListQuery> query, PasskeyStore store, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await store.ListAsync(OwnerOf(caller), query.Value.Page(), cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownPasskey, nextCursor);
    }

    private static Task<IResult> BeginAsync(HttpContext context, Caller caller, Body<PasskeyProof> body, PasskeyStore store) =>
        store.BeginAsync(
            OwnerOf(caller), body.Value, caller.Network, Request<PasskeyQuestion>(context, "passkey_begun", question => ApiResult.Ok(question, LicensingJson.Default.PasskeyQuestion)));

    private static Task<IResult> AddAsync(HttpContext context, Caller caller, Body<NewPasskey> body, PasskeyStore store) =>
        store.AddAsync(OwnerOf(caller), body.Value, Request<ShownPasskey>(context, "passkey_added", made => ApiResult.Created(made, LicensingJson.Default.ShownPasskey)));

    private static Task<IResult> RenameAsync(HttpContext context, PathId id, Caller caller, Body<PasskeyName> body, PasskeyStore store) =>
        store.RenameAsync(OwnerOf(caller), id, body.Value.Name, Request<ShownPasskey>(context, "passkey_renamed", passkey => ApiResult.Ok(passkey, LicensingJson.Default.ShownPasskey)));

    private static Task<IResult> DeleteAsync(HttpContext context, PathId id, Caller caller, Body<PasskeyProof> body, PasskeyStore store) =>
        store.DeleteAsync(
            OwnerOf(caller), id, body.Value, caller.Network, Request<DeletedAnswer>(context, "passkey_deleted", deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)));

    private static AccountOwner OwnerOf(Caller caller) => caller.Context.Kind == CallerKind.Operator ? AccountOwner.Operator(caller.Id) : AccountOwner.User(caller.Id);

    private static ChangeRequest<T> Request<T>(HttpContext context, string what, Func<T, IApiResult> answer)
        where T : class =>
        context.Change($"{(context.GetCaller().Context.Kind == CallerKind.Operator ? "operator" : "user")}.{what}", null, answer);
}
