using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Operators' login, logout and "who am I?" under <c>/auth</c> (CONTRACT §6).</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/auth/login", LoginAsync);
        routes.MapPost("/auth/logout", LogoutAsync).For(CallerRequirement.Operator);
        routes.MapGet("/auth/me", MeAsync).For(CallerRequirement.Operator);
    }

    private static async Task<IResult> LoginAsync(HttpContext context, OperatorSessions sessions)
    {
        var body = await RequestBody.ReadAsync(context);
        var email = body.RequiredEmail("email");
        var password = body.RequiredSecret("password", Passwords.MaximumLength);
        body.ThrowIfInvalid();

        return await sessions.LoginAsync(
            email,
            password,
            context.GetCaller().Network,
            context.Change<LoginAnswer>("operator.logged_in", null, login => ApiResult.Ok(login, LicensingJson.Default.LoginAnswer)));
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, OperatorSessions sessions) =>
        context.GetCaller().Context.TokenId is { } tokenId
            ? await sessions.LogoutAsync(tokenId, context.Change<Nothing>("operator.logged_out", null, _ => ApiResult.NoContent))
            : ApiResult.NoContent;

    private static async Task<IResult> MeAsync(HttpContext context, OperatorSessions sessions) =>
        await sessions.FindAsync(context.GetCaller().Id, context.RequestAborted) is { } admin
            ? ApiResult.Ok(new OperatorAnswer(admin), LicensingJson.Default.OperatorAnswer)
            : ApiResult.Error(ApiErrors.Unauthenticated);
}
