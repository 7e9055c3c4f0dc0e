using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;

namespace ValidonX.LicensingApi.TwoFactor;

/// <summary>
/// <c>/v1/account/two-factor</c> (CONTRACT §9), and the same for operators under <c>/auth/two-factor</c>. What these answers show is kept nowhere, so no
/// Idempotency-Key is taken: who lost an answer begins anew.
/// </summary>
internal static class TwoFactorEndpoints
{
    private static readonly ApiError WrongState = ApiErrors.Conflict("Two-factor authentication is on already; turn it off first.");

    /// <summary>Maps them.</summary>
    /// <param name="group">The caller's own routes.</param>
    /// <param name="whose">Keeps the names of operations apart: empty, or <c>Operator</c>.</param>
    public static void MapTwoFactor(this IEndpointRouteBuilder group, string whose = "")
    {
        var factor = group.MapGroup("/two-factor");
        factor.MapPost("/", BeginAsync).NeverReplay().Is(
            new Operation($"begin{whose}TwoFactor", "Makes a second factor, which counts once it is confirmed.", [Answers.Created<NewSecondFactor>()])
            {
                Description = "Takes the current password, unless the caller has signed in, or set a password, within the last five minutes. An account without a password needs none.",
                Errors = [ApiErrors.VerificationFailed, WrongState, ApiErrors.AccountLocked],
            });
        factor.MapPost("/confirm", ConfirmAsync).NeverReplay().Is(
            $"confirm{whose}TwoFactor", "Turns the second factor on by a first code of it.", Answers.Ok<RecoveryCodesAnswer>(), ApiErrors.CodeInvalid, WrongState, ApiErrors.AccountLocked);
        factor.MapPost("/recovery-codes", RenewAsync).NeverReplay().Is(
            $"renew{whose}RecoveryCodes", "Replaces the recovery codes, used or not.", Answers.Ok<RecoveryCodesAnswer>(), ApiErrors.CodeInvalid, WrongState, ApiErrors.AccountLocked);
        factor.MapDelete("/", RemoveAsync).NeverReplay().Is(
            $"remove{whose}TwoFactor", "Turns the second factor off by a code of it.", Answers.Nothing, ApiErrors.CodeInvalid, WrongState, ApiErrors.AccountLocked);
    }

    /// <summary>Maps what operators can do for users who have lost theirs.</summary>
    public static void MapTwoFactorOfUsers(this RouteGroupBuilder admin) =>
        admin.MapDelete("/users/{id}/two-factor", TakeAwayAsync).WithTags("Users").Is(
            new Operation("removeTwoFactorOfUser", "Turns a user's second factor off.", [Answers.Nothing])
            {
                Description = "For a user who has lost the device and all recovery codes; make sure who it is first. The user gets a mail.",
                Errors = [ApiErrors.ResourceNotFound],
            });

    private static Task<IResult> TakeAwayAsync(HttpContext context, PathId id, ChangeSecondFactor change) =>
        change.TakeAwayAsync(id, Request<Nothing>(context, "user_two_factor_disabled", _ => ApiResult.NoContent));

    private static Task<IResult> BeginAsync(HttpContext context, Caller caller, Body<SecondFactorBeginning> body, ChangeSecondFactor change) =>
        change.BeginAsync(OwnerOf(caller), caller.Context.TokenId, body.Value.Password, caller.Network, Request<NewSecondFactor>(context, "two_factor_begun", begun => ApiResult.Created(begun, LicensingJson.Default.NewSecondFactor)));

    private static Task<IResult> ConfirmAsync(HttpContext context, Caller caller, Body<OneTimeCode> body, ChangeSecondFactor change) =>
        change.ConfirmAsync(OwnerOf(caller), body.Value.Otp, caller.Network, Codes(context, "two_factor_enabled"));

    private static Task<IResult> RenewAsync(HttpContext context, Caller caller, Body<OneTimeCode> body, ChangeSecondFactor change) =>
        change.RenewCodesAsync(OwnerOf(caller), body.Value.Otp, caller.Network, Codes(context, "recovery_codes_renewed"));

    private static Task<IResult> RemoveAsync(HttpContext context, Caller caller, Body<OneTimeCode> body, ChangeSecondFactor change) =>
        change.RemoveAsync(OwnerOf(caller), body.Value.Otp, caller.Network, Request<Nothing>(context, "two_factor_disabled", _ => ApiResult.NoContent));

    private static AccountOwner OwnerOf(Caller caller) => caller.Context.Kind == CallerKind.Operator ? AccountOwner.Operator(caller.Id) : AccountOwner.User(caller.Id);

    private static ChangeRequest<RecoveryCodesAnswer> Codes(HttpContext context, string what) =>
        Request<RecoveryCodesAnswer>(context, what, codes => ApiResult.Ok(codes, LicensingJson.Default.RecoveryCodesAnswer));

    private static ChangeRequest<T> Request<T>(HttpContext context, string what, Func<T, IApiResult> answer)
        where T : class =>
        context.Change($"{(context.GetCaller().Context.Kind == CallerKind.Operator ? "operator" : "user")}.{what}", null, answer);
}
