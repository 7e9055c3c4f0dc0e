using System.Globalization;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Accounts;

/// <summary><c>PUT /v1/account/password</c> (CONTRACT §6).</summary>
internal static class PasswordEndpoints
{
    // An Idempotency-Key would store a plain hash of the body, by which the password could be guessed a million times faster. The call can be repeated as it is.
    public static void MapPassword(this RouteGroupBuilder account) => account.MapPut("/password", ChangeAsync).NeverReplay();

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
        return await change.ExecuteAsync(
            caller, current, password, context.Change<Nothing>("user.password_changed", caller.Context.TenantId, _ => ApiResult.NoContent));
    }
}
