using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Accounts;

/// <summary><c>PUT /v1/account/password</c> (CONTRACT §6).</summary>
internal static class PasswordEndpoints
{
    // An Idempotency-Key would store a plain hash of the body, by which the password could be guessed a million times faster. The call can be repeated as it is.
    public static void MapPassword(this RouteGroupBuilder account) =>
        account.MapPut("/password", ChangeAsync).NeverReplay().WithTags("Account").Is(
            new Operation("changePassword", "Changes the caller's password and ends all other tokens.", [Answers.Nothing]) { Errors = [ApiErrors.VerificationFailed] });

    private static Task<IResult> ChangeAsync(HttpContext context, Caller caller, Body<PasswordChange> body, ChangePassword change) =>
        change.ExecuteAsync(
            caller,
            body.Value.CurrentPassword,
            body.Value.Password,
            context.Change<Nothing>("user.password_changed", caller.Context.TenantId, _ => ApiResult.NoContent));
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
    public void Check(FieldPlace at)
    {
        if (Password is not null && Passwords.ProblemOf(Password) is { } problem)
        {
            at.Of("password").Fail(problem);
        }
    }
}
