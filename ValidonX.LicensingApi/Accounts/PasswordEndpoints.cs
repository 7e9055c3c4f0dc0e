using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Accounts;

/// <summary><c>PUT /v1/account/password</c> (CONTRACT §6), and the same for operators under <c>/auth/password</c>.</summary>
internal static class PasswordEndpoints
{
    private const string Summary = "Changes the caller's password and ends all other tokens.";

    /// <summary>A user's.</summary>
    public static void MapPassword(this RouteGroupBuilder account) =>
        account.MapPut("/password", ChangeAsync(AccountOwner.User)).NeverReplay().WithTags("Account").Is(
            new Operation("changePassword", Summary, [Answers.Nothing]) { Errors = [ApiErrors.VerificationFailed] });

    /// <summary>An operator's.</summary>
    public static void MapOperatorPassword(this IEndpointRouteBuilder sessions) =>
        sessions.MapPut("/password", ChangeAsync(AccountOwner.Operator)).NeverReplay().Is(
            new Operation("changeOperatorPassword", Summary, [Answers.Nothing])
            {
                Description = "Not of the account that is configured, whose password is changed in the configuration.",
                Errors = [ApiErrors.VerificationFailed, ChangePassword.IsConfigured, ApiErrors.AccountLocked],
            });

    // An Idempotency-Key would store a plain hash of the body, by which the password could be guessed a million times faster. The call can be repeated as it is.
    private static Func<HttpContext, Caller, Body<PasswordChange>, ChangePassword, Task<IResult>> ChangeAsync(Func<Guid, AccountOwner> ownerOf) =>
        (context, caller, body, change) => change.ExecuteAsync(
            ownerOf(caller.Id),
            caller,
            body.Value.CurrentPassword,
            body.Value.Password,
            context.Change<Nothing>($"{ownerOf(caller.Id).Word}.password_changed", caller.Context.TenantId, _ => ApiResult.NoContent));
}

/// <summary>A new password.</summary>
internal sealed record PasswordChange : IRequest, IChecked
{
    /// <summary>The password until now; a user who never had one needs none.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("correct horse battery staple")]
    public string? CurrentPassword { get; init; }

    /// <summary>The password from now on; the rules are those of registering.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("a longer and better one than before")]
    public required string Password { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at) => at.CheckNewPassword(Password);
}
