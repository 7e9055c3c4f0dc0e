using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Configuration section <c>Operator</c>: the account that every installation begins with. Without it none is made.</summary>
internal sealed class OperatorOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Operator";

    /// <summary>The operator's address.</summary>
    public string? Email { get; set; }

    /// <summary>The operator's password; changing it changes the account's.</summary>
    public string? Password { get; set; }

    /// <summary>Whether this address, in its canonical form, is the configured account's: its password is the configured one, and is changed there only.</summary>
    public bool Is(string address) => Password is { Length: > 0 } && EmailAddress.TryParse(Email, out var configured) && configured.Value == address;

    /// <summary>Whether both are set, or neither.</summary>
    public bool IsWhole => string.IsNullOrEmpty(Email) == string.IsNullOrEmpty(Password);

    /// <summary>Whether the address, if there is one, can name an account.</summary>
    public bool IsEmailValid => string.IsNullOrEmpty(Email) || EmailAddress.TryParse(Email, out _);

    /// <summary>Whether the password, if there is one, is long enough.</summary>
    public bool IsPasswordLongEnough => Password is not { Length: > 0 and < Passwords.MinimumLength };
}
