using System.Diagnostics.Metrics;

namespace ValidonX.Platform.Accounts;

/// <summary>Meter <c>ValidonX.SignIn</c>: sign-ins by what became of them. No tag tells whose.</summary>
public sealed class SignInMetrics
{
    public const string MeterName = "ValidonX.SignIn";

    /// <summary>A token was given.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>There is such an account and its password is another.</summary>
    public const string WrongPassword = "wrong_password";

    /// <summary>There is no such account.</summary>
    public const string UnknownAccount = "unknown_account";

    /// <summary>The operator is disabled, or has not accepted the invitation yet.</summary>
    public const string Barred = "barred";

    /// <summary>The password was right and the address is not proved yet.</summary>
    public const string Unverified = "unverified";

    /// <summary>The password was right and the second factor's code missing.</summary>
    public const string NoCode = "no_code";

    /// <summary>The password was right and the second factor's code wrong, or barred after too many wrong ones.</summary>
    public const string WrongCode = "wrong_code";

    /// <summary>An issuer, or a passkey, did not prove it.</summary>
    public const string NotConfirmed = "not_confirmed";

    /// <summary>Too many passwords were waiting to be checked.</summary>
    public const string Busy = "busy";

    /// <summary>A gateway refused it, because the account or the network has had its tries.</summary>
    public const string Throttled = "throttled";

    private readonly Counter<long> _attempts;

    public SignInMetrics(IMeterFactory meters) =>
        _attempts = meters.Create(MeterName).CreateCounter<long>("validonx.sign_in.attempts", "{attempt}", "Sign-ins, by outcome.");

    public void Count(string outcome) => _attempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
