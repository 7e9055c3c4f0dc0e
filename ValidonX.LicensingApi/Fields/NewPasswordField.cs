using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.Fields;

/// <summary>The rules of a password that somebody chooses, in whatever body it comes.</summary>
internal static class NewPasswordField
{
    /// <summary>Checks the member <c>password</c>, unless it was none already.</summary>
    /// <param name="at">The body.</param>
    /// <param name="password">The password.</param>
    /// <param name="email">Whose it is to be, where the body says so.</param>
    public static void CheckNewPassword(this FieldPlace at, string? password, EmailAddress? email = null)
    {
        if (password is not null && Passwords.ProblemOf(password, email) is { } problem)
        {
            at.Of("password").Fail(problem);
        }
    }
}
