using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.Members;

/// <summary>Somebody who is to be a member.</summary>
internal sealed record NewMember : IRequest
{
    /// <summary>Where the invitation is sent.</summary>
    [Example("grace@example.com")]
    public required EmailAddress Email { get; init; }

    /// <summary>What the member may do. Only owners make owners.</summary>
    [Example("developer")]
    public required TenantRole Role { get; init; }
}

/// <summary>What is changed of a member.</summary>
internal sealed record MemberChange : IRequest
{
    /// <summary>What the member may do from now on. Only owners make owners, and only owners take that from them.</summary>
    [Example("admin")]
    public required TenantRole Role { get; init; }
}

/// <summary>Which members a list shows.</summary>
internal sealed record MemberFilter : ListQuery
{
    /// <summary>Only those of this status.</summary>
    [Words(MemberStatus.Active, MemberStatus.Invited, MemberStatus.Expired)]
    public string? Status { get; init; }

    /// <summary>Only those with this role.</summary>
    public TenantRole? Role { get; init; }
}

/// <summary>Who accepts an invitation and has no account yet.</summary>
internal sealed record InvitationAcceptance : IRequest, IChecked
{
    /// <summary>The `token` of the mail's link.</summary>
    [Secret(256)]
    [Example("AZo8Xn0PfD6bGi9NboqLHE1kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsDgQoWiExc")]
    public required string Token { get; init; }

    /// <summary>What the user is called.</summary>
    [Text(120)]
    [Example("Grace Hopper")]
    public required string Name { get; init; }

    /// <summary>The password of the account that opens; the rules are those of registering.</summary>
    [Secret(Passwords.MaximumLength)]
    [Example("correct horse battery staple")]
    public required string Password { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at) => at.CheckNewPassword(Password);
}
