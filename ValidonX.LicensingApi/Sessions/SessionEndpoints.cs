using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Passkeys;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Operators' login, logout and "who am I?" under <c>/auth</c> (CONTRACT §6).</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/auth").WithTags("Operator sessions");
        sessions.MapPost("/login", LoginAsync).Is("logInOperator", "Logs an operator in.", Answers.Ok<LoginAnswer>(), ApiErrors.InvalidCredentials, ApiErrors.TwoFactorRequired, ApiErrors.AccountLocked);
        sessions.MapPost("/logout", LogoutAsync).For(Permissions.Operate).Is("logOutOperator", "Ends the operator's token.", Answers.Nothing);
        sessions.MapGroup("").For(Permissions.Operate).MapTwoFactor("Operator");
        sessions.MapGroup("").For(Permissions.Operate).MapPasskeys("Operator");
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
