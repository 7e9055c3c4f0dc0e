using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Members;

/// <summary>How somebody belongs to a tenant.</summary>
internal static class MemberStatus
{
    /// <summary>A user of the tenant.</summary>
    public const string Active = "active";

    /// <summary>Has a mail that can be accepted.</summary>
    public const string Invited = "invited";

    /// <summary>Has had one for too long.</summary>
    public const string Expired = "expired";
}

/// <summary>Somebody who belongs to a tenant, or is invited to. Of who is only invited nothing is told but what the tenant has said itself.</summary>
/// <param name="Id">The member's id in this tenant; it stays the same when the invitation is accepted.</param>
/// <param name="Email">The member's address.</param>
/// <param name="Name">What the member is called; null until the invitation is accepted.</param>
/// <param name="Role">What the member may do.</param>
/// <param name="Status">`active`, `invited`, or `expired` when the invitation was not accepted in time.</param>
/// <param name="UserId">The member's account; null until the invitation is accepted.</param>
/// <param name="TwoFactor">Whether the member signs in with a second factor; null until the invitation is accepted.</param>
/// <param name="InvitedBy">The user who has sent the invitation; null for a member, and when an operator has.</param>
/// <param name="ExpiresAt">Until when the invitation can be accepted; null for a member.</param>
/// <param name="CreatedAt">When the member joined or, until then, was invited.</param>
internal sealed record ShownMember(
    Guid Id,
    [property: Example("grace@example.com")] string Email,
    string? Name,
    [property: Words("viewer", "developer", "admin", "owner")] string Role,
    [property: Words(MemberStatus.Active, MemberStatus.Invited, MemberStatus.Expired)] string Status,
    Guid? UserId,
    bool? TwoFactor,
    Guid? InvitedBy,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset CreatedAt);

/// <summary>One member.</summary>
internal sealed record MemberAnswer(ShownMember Member);

/// <summary>What the audit log keeps of a member: nothing by which a person could be told who is gone.</summary>
internal sealed record MemberState(string Status, string Role);

/// <summary>A member or an open invitation.</summary>
internal sealed record MemberRow
{
    public Guid Id { get; init; }

    public string Email { get; init; } = "";

    public string? Name { get; init; }

    public string Role { get; init; } = "";

    /// <summary>One of <see cref="MemberStatus"/>.</summary>
    public string Status { get; init; } = "";

    public Guid? UserId { get; init; }

    public long? TwoFactor { get; init; }

    public Guid? InvitedBy { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether it is a user of the tenant, not only somebody invited.</summary>
    public bool IsMember => Status == MemberStatus.Active;

    /// <summary>Whether it may do everything.</summary>
    public bool IsOwner => StoredEnum.Parse<TenantRole>(Role) == TenantRole.Owner;

    /// <summary>As the tenant sees it.</summary>
    public ShownMember Show() => new(Id, Email, Name, Role, Status, UserId, TwoFactor is { } factor ? factor != 0 : null, InvitedBy, ExpiresAt, CreatedAt);

    /// <summary>As the audit log keeps it.</summary>
    public MemberState State() => new(Status, Role);
}
