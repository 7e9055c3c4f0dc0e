using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.Operators;

/// <summary>Somebody who is to operate the platform.</summary>
internal sealed record NewOperator : IRequest
{
    /// <summary>Where the invitation is sent; it names the account.</summary>
    [Example("grace@example.com")]
    public required EmailAddress Email { get; init; }

    /// <summary>What the operator is called, also in the audit log.</summary>
    [Text(120)]
    [Example("Grace Hopper")]
    public required string Name { get; init; }
}

/// <summary>What is changed of an operator.</summary>
internal sealed record OperatorChange : IRequest
{
    /// <summary>What the operator is called from now on, also in what the audit log has of earlier.</summary>
    [Text(120)]
    [Example("Grace Brewster Hopper")]
    public required string Name { get; init; }
}

/// <summary>Which operators a list shows.</summary>
internal sealed record OperatorFilter : ListQuery
{
    /// <summary>Only those of this status.</summary>
    [Words(OperatorStatus.Active, OperatorStatus.Invited, OperatorStatus.Disabled)]
    public string? Status { get; init; }
}

/// <summary>Who accepts an invitation to operate the platform.</summary>
internal sealed record OperatorAcceptance : IRequest, IChecked
{
    /// <summary>The `token` of the mail's link.</summary>
    [Secret(256)]
    [Example("AZo8Xn0PfD6bGi9NboqLHE1kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsDgQoWiExc")]
    public required string Token { get; init; }

    /// <summary>The operator's password; the rules are those of registering.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("correct horse battery staple")]
    public required string Password { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at) => at.CheckNewPassword(Password);
}
