using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.Operators;

/// <summary>How an operator stands.</summary>
internal static class OperatorStatus
{
    /// <summary>Has a mail, and no password yet.</summary>
    public const string Invited = "invited";

    /// <summary>Signs in.</summary>
    public const string Active = "active";

    /// <summary>Is let in by nothing.</summary>
    public const string Disabled = "disabled";
}

/// <summary>Somebody who operates the platform, or is invited to.</summary>
/// <param name="Id">The operator's id.</param>
/// <param name="Name">What the operator is called, also in the audit log.</param>
/// <param name="Email">The address that names the account.</param>
/// <param name="Status">`invited`, `active` or `disabled`.</param>
/// <param name="TwoFactor">Whether signing in takes a second factor.</param>
/// <param name="Configured">Whether it is the account of the configuration (`Operator:Email`), which cannot be disabled and whose password is changed there.</param>
/// <param name="LastSignedInAt">When the operator signed in last; null if never.</param>
/// <param name="CreatedAt">When the operator was invited.</param>
internal sealed record ShownOperator(
    Guid Id,
    [property: Example("Grace Hopper")] string Name,
    [property: Example("grace@example.com")] string Email,
    [property: Words(OperatorStatus.Invited, OperatorStatus.Active, OperatorStatus.Disabled)] string Status,
    bool TwoFactor,
    bool Configured,
    DateTimeOffset? LastSignedInAt,
    DateTimeOffset CreatedAt);

/// <summary>One operator.</summary>
internal sealed record OneOperator(ShownOperator Operator);

/// <summary>What the audit log keeps of an operator: nothing by which a person could be told who is gone.</summary>
internal sealed record OperatorState(string Status);

/// <summary>A row of <c>admins</c> as other operators see it.</summary>
internal sealed record OperatorRow
{
    /// <summary>Reads them.</summary>
    public const string Select =
        $"""
        SELECT a.id, a.name, a.email, a.last_signed_in_at, a.created_at,
          CASE WHEN a.disabled_at IS NOT NULL THEN '{OperatorStatus.Disabled}' WHEN a.password_hash IS NULL THEN '{OperatorStatus.Invited}' ELSE '{OperatorStatus.Active}' END AS status,
          EXISTS (SELECT 1 FROM two_factors f WHERE f.owner_type = '{TokenOwners.Admin}' AND f.owner_id = a.id AND f.confirmed_at IS NOT NULL) AS two_factor
        FROM admins a
        """;

    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    public string Email { get; init; } = "";

    /// <summary>One of <see cref="OperatorStatus"/>.</summary>
    public string Status { get; init; } = "";

    public bool TwoFactor { get; init; }

    public DateTimeOffset? LastSignedInAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>As operators see it.</summary>
    /// <param name="isConfigured">Whether it is the account of the configuration.</param>
    public ShownOperator Show(bool isConfigured) => new(Id, Name, Email, Status, TwoFactor, isConfigured, LastSignedInAt, CreatedAt);

    /// <summary>As the audit log keeps it.</summary>
    public OperatorState State() => new(Status);
}
