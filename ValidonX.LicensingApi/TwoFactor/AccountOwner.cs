using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.TwoFactor;

/// <summary>Whose an account, its password or its second factor is: a user or an operator.</summary>
/// <param name="Type">One of <see cref="TokenOwners"/>.</param>
/// <param name="Id">The user's or operator's id.</param>
internal readonly record struct AccountOwner(string Type, Guid Id)
{
    /// <summary>The table that has the account's row, whose lock is the account's turn.</summary>
    public string Table => Type == TokenOwners.User ? "users" : "admins";

    /// <summary>What the audit log calls it.</summary>
    public string Word => Type == TokenOwners.User ? "user" : "operator";

    /// <summary>What a mailed token is for that sets a new password of it.</summary>
    public string ResetPurpose => Type == TokenOwners.User ? MailedTokenPurposes.Reset : MailedTokenPurposes.OperatorReset;

    /// <summary>What a row of <see cref="Table"/> has to be that is let in: operators can be disabled.</summary>
    public string IsLetIn => Type == TokenOwners.User ? "TRUE" : "disabled_at IS NULL";

    /// <summary>A user.</summary>
    public static AccountOwner User(Guid id) => new(TokenOwners.User, id);

    /// <summary>An operator.</summary>
    public static AccountOwner Operator(Guid id) => new(TokenOwners.Admin, id);
}
