using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.TwoFactor;

/// <summary>Whose a second factor is: a user or an operator.</summary>
/// <param name="Type">One of <see cref="TokenOwners"/>.</param>
/// <param name="Id">The user's or operator's id.</param>
internal readonly record struct AccountOwner(string Type, Guid Id)
{
    /// <summary>The table that has the account's row, whose lock is the account's turn.</summary>
    public string Table => Type == TokenOwners.User ? "users" : "admins";

    /// <summary>A user.</summary>
    public static AccountOwner User(Guid id) => new(TokenOwners.User, id);

    /// <summary>An operator.</summary>
    public static AccountOwner Operator(Guid id) => new(TokenOwners.Admin, id);
}
