using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.Registration;

/// <summary>Who wants to be a user.</summary>
internal sealed record RegistrationRequest : IRequest, IChecked
{
    /// <summary>What the user is called.</summary>
    [Text(120)]
    [Example("Ada Lovelace")]
    public required string Name { get; init; }

    /// <summary>The address that will name the account.</summary>
    [Example("ada@example.com")]
    public required EmailAddress Email { get; init; }

    /// <summary>At least 12 characters, none of the passwords that many people have, and without the address's part before the `@`.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("correct horse battery staple")]
    public required string Password { get; init; }

    /// <summary>Whom the user works for.</summary>
    [Text(120)]
    [Example("Acme Ltd.")]
    public string? Company { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at) => at.CheckNewPassword(Password, at.Has("email") || Email == default ? null : Email);
}

/// <summary>Which account a mail is asked for.</summary>
internal sealed record MailRequest : IRequest
{
    /// <summary>The account's address.</summary>
    [Example("ada@example.com")]
    public required EmailAddress Email { get; init; }
}

/// <summary>A token out of a mail.</summary>
internal sealed record VerificationRequest : IRequest
{
    /// <summary>The `token` of the mail's link.</summary>
    [Secret(256)]
    [Example("AZo8Xn0PfD6bGi9NboqLHE1kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsDgQoWiExc")]
    public required string Token { get; init; }
}
