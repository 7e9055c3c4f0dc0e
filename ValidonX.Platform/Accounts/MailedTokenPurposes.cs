namespace ValidonX.Platform.Accounts;

/// <summary>What a mailed token is for: <c>mailed_tokens.purpose</c>. It is good for nothing else.</summary>
public static class MailedTokenPurposes
{
    /// <summary>Proves the address of a registration, the token's subject.</summary>
    public const string Verify = "verify";

    /// <summary>Sets a new password of a user, the token's subject.</summary>
    public const string Reset = "reset";

    /// <summary>Accepts an invitation, the token's subject.</summary>
    public const string Invite = "invite";

    /// <summary>Makes somebody who is invited an operator, by a first password; the subject is the operator.</summary>
    public const string OperatorInvite = "operator_invite";

    /// <summary>Sets a new password of an operator, the token's subject.</summary>
    public const string OperatorReset = "operator_reset";

    /// <summary>Proves the address that a user wants to have; the subject is the change.</summary>
    public const string EmailChange = "email_change";
}
