using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Operators' login, logout and "who am I?" under <c>/auth</c> (CONTRACT §6).</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/auth").WithTags("Operator sessions");
        sessions.MapPost("/login", LoginAsync).Is("logInOperator", "Logs an operator in.", Answers.Ok<LoginAnswer>(), ApiErrors.InvalidCredentials, ApiErrors.AccountLocked);
        sessions.MapPost("/logout", LogoutAsync).For(Permissions.Operate).Is("logOutOperator", "Ends the operator's token.", Answers.Nothing);
        sessions.MapGet("/me", MeAsync).For(Permissions.Operate).Is("getOperator", "Shows the operator who asks.", Answers.Ok<OperatorAnswer>());
    }

    private static async Task<IResult> LoginAsync(HttpContext context, Caller caller, Body<OperatorLogin> body, OperatorSessions sessions)
    {
        var (email, password) = body.Value;
        return await sessions.LoginAsync(
            email,
            password,
            caller.Network,
            context.Change<LoginAnswer>("operator.logged_in", null, login => ApiResult.Ok(login, LicensingJson.Default.LoginAnswer)));
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, Caller caller, OperatorSessions sessions) =>
        caller.Context.TokenId is { } tokenId
            ? await sessions.LogoutAsync(tokenId, context.Change<Nothing>("operator.logged_out", null, _ => ApiResult.NoContent))
            : ApiResult.NoContent;

    private static async Task<IResult> MeAsync(Caller caller, OperatorSessions sessions, CancellationToken cancellationToken) =>
        await sessions.FindAsync(caller.Id, cancellationToken) is { } admin
            ? ApiResult.Ok(new OperatorAnswer(admin), LicensingJson.Default.OperatorAnswer)
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

    public void Deconstruct(out EmailAddress email, out string password) => (email, password) = (Email, Password);
}
