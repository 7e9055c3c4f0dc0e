using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Members;
using ValidonX.LicensingApi.Registration;
using ValidonX.LicensingApi.Sessions;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>
/// Users' way in under <c>/v1/auth</c> (CONTRACT §6, §9). No Idempotency-Key is taken: keys belong to a caller, and here is none yet. Asking for a mail can be repeated
/// as it is; what uses a mailed token up is answered once.
/// </summary>
internal static class IdentityEndpoints
{
    public static void MapIdentity(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/v1/auth").WithTags("Sign-in");
        auth.MapPost("/register", RegisterAsync).Is(
            new Operation("register", "Registers a user.", [Answers.Accepted<MailRequested>()])
            {
                Description = "The account opens when its address is proved by the link in a mail. The answer is the same for an address that has an account, whose owner gets a mail that says so.",
                Errors = [ApiErrors.AccountLocked],
            });
        auth.MapPost("/email/verify", VerifyAsync).Is(
            "verifyEmail", "Proves an e-mail address by the token of a mail, and opens the account.", Answers.Ok<SignedIn>(), ApiErrors.LinkInvalid, ApiErrors.AccountLocked);
        auth.MapPost("/email/resend", ResendAsync).Is(
            "resendVerification", "Mails the newest registration's link once more. The answer is always the same.", Answers.Accepted<MailRequested>(), ApiErrors.AccountLocked);
        auth.MapEmailConfirmation();
        auth.MapInvitationAcceptance();
        auth.MapPost("/login", LoginAsync).Is(
            new Operation("logIn", "Logs a user in.", [Answers.Ok<UserLoginAnswer>()])
            {
                Description = "`403 AUTH.VERIFICATION_FAILED`: the password is right and the address still has to be proved.",
                Errors = [ApiErrors.InvalidCredentials, ApiErrors.TwoFactorRequired, ApiErrors.EmailNotVerified, ApiErrors.AccountLocked],
            });
        auth.MapPost("/logout", LogoutAsync).For(Permissions.SeeOwnAccount).Is("logOut", "Ends the user's token.", Answers.Nothing);
        auth.MapPost("/forgot-password", ForgotAsync).Is(
            "forgotPassword", "Mails a link by which a new password is set. The answer is always the same.", Answers.Accepted<MailRequested>(), ApiErrors.AccountLocked);
        auth.MapPost("/reset-password", ResetAsync).Is(
            "resetPassword", "Sets a new password by the token of a mail, and ends all of the user's tokens.", Answers.Ok<UserAnswer>(), ApiErrors.PasswordResetFailed, ApiErrors.AccountLocked);
    }

    private static Task<IResult> RegisterAsync(HttpContext context, Caller caller, Body<RegistrationRequest> body, MailRequests requests) =>
        requests.RegisterAsync(body.Value, caller.Network, MailRequest(context, "user.registration_requested"));

    private static Task<IResult> ResendAsync(HttpContext context, Caller caller, Body<MailRequest> body, MailRequests requests) =>
        requests.ResendAsync(body.Value.Email, caller.Network, MailRequest(context, "user.verification_requested"));

    private static Task<IResult> ForgotAsync(HttpContext context, Caller caller, Body<MailRequest> body, MailRequests requests) =>
        requests.ForgotPasswordAsync(body.Value.Email, caller.Network, MailRequest(context, "user.password_reset_requested"));

    private static Task<IResult> VerifyAsync(HttpContext context, Caller caller, Body<VerificationRequest> body, VerifyEmail verify) =>
        verify.ExecuteAsync(
            body.Value.Token, caller.Network, context.Change<SignedIn>("user.registered", null, user => ApiResult.Ok(user, LicensingJson.Default.SignedIn)));

    private static Task<IResult> LoginAsync(HttpContext context, Caller caller, Body<UserCredentials> body, UserLogin login) =>
        login.ExecuteAsync(
            body.Value, caller.Network, context.Change<UserLoginAnswer>("user.logged_in", null, user => ApiResult.Ok(user, LicensingJson.Default.UserLoginAnswer)));

    private static async Task<IResult> LogoutAsync(HttpContext context, Caller caller, EndSession end) =>
        caller.Context.TokenId is { } tokenId
            ? await end.ExecuteAsync(tokenId, context.Change<Nothing>("user.logged_out", null, _ => ApiResult.NoContent))
            : ApiResult.NoContent;

    private static Task<IResult> ResetAsync(HttpContext context, Caller caller, Body<PasswordResetRequest> body, ResetPassword reset) =>
        reset.OfUserAsync(
            body.Value.Token,
            body.Value.Password,
            caller.Network,
            context.Change<UserAnswer>("user.password_reset", null, user => ApiResult.Ok(user, LicensingJson.Default.UserAnswer)));

    /// <summary>A change after which a mail is on its way.</summary>
    internal static ChangeRequest<MailRequested> MailRequest(HttpContext context, string action) =>
        context.Change<MailRequested>(action, null, requested => ApiResult.Accepted(requested, LicensingJson.Default.MailRequested));
}

/// <summary>A user's credentials.</summary>
internal sealed record UserCredentials : IRequest
{
    /// <summary>The account.</summary>
    [Example("ada@example.com")]
    public required EmailAddress Email { get; init; }

    /// <summary>Its password.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("correct horse battery staple")]
    public required string Password { get; init; }

    /// <summary>A code of the second factor, or a recovery code, where the account has one.</summary>
    [Secret(64)]
    [Example("123456")]
    public string? Otp { get; init; }
}

/// <summary>A new password for who has forgotten the old one.</summary>
internal sealed record PasswordResetRequest : IRequest, IChecked
{
    /// <summary>The `token` of the mail's link.</summary>
    [Secret(256)]
    [Example("AZo8Xn0PfD6bGi9NboqLHE1kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsDgQoWiExc")]
    public required string Token { get; init; }

    /// <summary>The password from now on; the rules are those of registering.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("a longer and better one than before")]
    public required string Password { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at) => at.CheckNewPassword(Password);
}
