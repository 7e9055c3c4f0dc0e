using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Registration;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>The change of a user's address: <c>POST /v1/account/email</c>, and <c>POST /v1/auth/email/change</c> for the link in the mail.</summary>
internal static class EmailEndpoints
{
    /// <summary>Asking for it. Like a new password: a hash of the body must not be kept under an Idempotency-Key.</summary>
    public static void MapEmailChange(this RouteGroupBuilder account) =>
        account.MapPost("/email", AskAsync).NeverReplay().WithTags("Account").Is(
            new Operation("changeEmail", "Asks for another address of the account.", [Answers.Accepted<MailRequested>()])
            {
                Description = "The new address gets a mail with a link that proves it, and the change happens then; the old address is told at once, and again when it has happened. The answer is the same "
                    + "for an address that has an account. A new password stops a change that waits.",
                Errors = [ApiErrors.VerificationFailed, ApiErrors.TwoFactorRequired, ApiErrors.AccountLocked],
            });

    /// <summary>The link in the mail.</summary>
    public static void MapEmailConfirmation(this IEndpointRouteBuilder auth) =>
        auth.MapPost("/email/change", ConfirmAsync).Is(
            "confirmEmail", "Proves a user's new address by the token of a mail, and makes it the account's.", Answers.Ok<UserAnswer>(), ApiErrors.LinkInvalid, ApiErrors.AccountLocked);

    private static Task<IResult> AskAsync(HttpContext context, Caller caller, Body<EmailChange> body, ChangeEmail change) =>
        change.AskAsync(
            caller,
            body.Value,
            IdentityEndpoints.MailRequest(context, "user.email_change_requested"));

    private static Task<IResult> ConfirmAsync(HttpContext context, Caller caller, Body<VerificationRequest> body, ChangeEmail change) =>
        change.ConfirmAsync(
            body.Value.Token, caller.Network, context.Change<UserAnswer>("user.email_changed", null, user => ApiResult.Ok(user, LicensingJson.Default.UserAnswer)));
}

/// <summary>The address that a user wants to have.</summary>
internal sealed record EmailChange : IRequest
{
    /// <summary>The new address.</summary>
    [Example("ada@analytical.example")]
    public required EmailAddress Email { get; init; }

    /// <summary>The account's password. Who has none sets one first.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("correct horse battery staple")]
    public required string Password { get; init; }

    /// <summary>A code of the second factor, or a recovery code, where the account has one.</summary>
    [Secret(64)]
    [Example("123456")]
    public string? Otp { get; init; }
}
