using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Operators;
using ValidonX.LicensingApi.Passkeys;
using ValidonX.LicensingApi.Registration;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Operators' ways in and out, and "who am I?", under <c>/auth</c> (CONTRACT §6).</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/auth").WithTags("Operator sessions");
        sessions.MapPost("/login", LoginAsync).Is("logInOperator", "Logs an operator in.", Answers.Ok<LoginAnswer>(), ApiErrors.InvalidCredentials, ApiErrors.TwoFactorRequired, ApiErrors.AccountLocked);
        sessions.MapPost("/logout", LogoutAsync).For(Permissions.Operate).Is("logOutOperator", "Ends the operator's token.", Answers.Nothing);
        sessions.MapGroup("").For(Permissions.Operate).MapTwoFactor("Operator");
        sessions.MapGroup("").For(Permissions.Operate).MapPasskeys("Operator");
        sessions.MapGroup("").For(Permissions.Operate).MapOperatorPassword();
        sessions.MapPost("/forgot-password", ForgotAsync).Is(
            "forgotOperatorPassword", "Mails a link by which an operator's new password is set. The answer is always the same.", Answers.Accepted<MailRequested>(), ApiErrors.AccountLocked);
        sessions.MapPost("/reset-password", ResetAsync).Is(
            "resetOperatorPassword",
            "Sets an operator's new password by the token of a mail, and ends all of the operator's tokens.",
            Answers.Ok<OperatorAnswer>(),
            ApiErrors.PasswordResetFailed,
            ApiErrors.AccountLocked);
        sessions.MapOperatorInvitationAcceptance();
        sessions.MapGet("/me", MeAsync).For(Permissions.Operate).Is("getOperator", "Shows the operator who asks.", Answers.Ok<OperatorAnswer>());
    }

    private static async Task<IResult> LoginAsync(HttpContext context, Caller caller, Body<OperatorLogin> body, OperatorSessions sessions)
    {
        return await sessions.LoginAsync(
            body.Value,
            caller.Network,
            context.Change<LoginAnswer>("operator.logged_in", null, login => ApiResult.Ok(login, LicensingJson.Default.LoginAnswer)));
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, Caller caller, EndSession end) =>
        caller.Context.TokenId is { } tokenId
            ? await end.ExecuteAsync(tokenId, context.Change<Nothing>("operator.logged_out", null, _ => ApiResult.NoContent))
            : ApiResult.NoContent;

    private static Task<IResult> ForgotAsync(HttpContext context, Caller caller, Body<MailRequest> body, MailRequests requests) =>
        requests.ForgotOperatorPasswordAsync(body.Value.Email, caller.Network, IdentityEndpoints.MailRequest(context, "operator.password_reset_requested"));

    private static Task<IResult> ResetAsync(HttpContext context, Caller caller, Body<PasswordResetRequest> body, ResetPassword reset) =>
        reset.OfOperatorAsync(
            body.Value.Token,
            body.Value.Password,
            caller.Network,
            context.Change<OperatorAnswer>("operator.password_reset", null, answer => ApiResult.Ok(answer, LicensingJson.Default.OperatorAnswer)));

    private static async Task<IResult> MeAsync(Caller caller, OperatorSessions sessions, CancellationToken cancellationToken) =>
        await sessions.FindAsync(caller.Id, cancellationToken) is { } found
            ? ApiResult.Ok(found, LicensingJson.Default.OperatorAnswer)
            : ApiResult.Error(ApiErrors.Unauthenticated);
}

/// <summary>An operator's credentials.</summary>
internal sealed record OperatorLogin : IRequest
{
    /// <summary>The account.</summary>
    [Example("admin@validonx.local")]
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
