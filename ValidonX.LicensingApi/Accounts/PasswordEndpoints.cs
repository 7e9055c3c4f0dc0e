using System.Globalization;
using ValidonX.LicensingApi.Callers;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Accounts;

/// <summary><c>PUT /v1/account/password</c> (CONTRACT §6).</summary>
internal static class PasswordEndpoints
{
    public static void MapPassword(this RouteGroupBuilder account) => account.MapPut("/password", ChangeAsync);

    private static async Task<IResult> ChangeAsync(HttpContext context, ChangePassword change)
    {
        var body = await RequestBody.ReadAsync(context);
        var current = body.Has("current_password") ? body.RequiredSecret("current_password", Passwords.MaximumLength) : null;
        var password = body.RequiredSecret("password", Passwords.MaximumLength);
        if (password.Length is > 0 and < Passwords.MinimumLength)
        {
            body.Fail("password", string.Create(CultureInfo.InvariantCulture, $"Must have at least {Passwords.MinimumLength} characters."));
        }

        body.ThrowIfInvalid();
        var caller = context.GetCaller();
        var audit = caller.Audit(context, "user.password_changed", caller.Context.TenantId);
        return await change.ExecuteAsync(caller, current, password, audit, context.RequestAborted) is { } refusal
            ? ApiResult.Error(refusal)
            : ApiResult.NoContent;
    }
}
