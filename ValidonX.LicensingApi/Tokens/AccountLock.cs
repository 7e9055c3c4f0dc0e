using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.TwoFactor;

namespace ValidonX.LicensingApi.Tokens;

/// <summary>What of a user or an operator the giving of tokens and the change of the password both depend on.</summary>
internal sealed record LockedAccount(Guid Id, string? PasswordHash);

/// <summary>
/// The turn of a user or an operator: whoever gives one a token or ends all of them takes the row's lock first, so that no token that is being made slips
/// past a change of the password.
/// </summary>
internal static class AccountLock
{
    /// <summary>The account's row, locked until the transaction ends; <see langword="null"/> when it or the token that is used is no more, or an operator is disabled.</summary>
    /// <param name="transaction">The platform database's.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="with">The token with which the owner calls, if the owner does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LockedAccount?> TakeAsync(DbTransaction transaction, AccountOwner owner, Guid? with, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var account = await connection.QuerySingleOrDefaultAsync<(Guid Id, string? PasswordHash)?>(new CommandDefinition(
            $"SELECT id, password_hash FROM {owner.Table} WHERE id = @Id AND {owner.IsLetIn} FOR UPDATE",
            new { owner.Id },
            transaction,
            cancellationToken: cancellationToken));
        if (account is not { } found)
        {
            return null;
        }

        var isEnded = with is not null && await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            "SELECT 1 FROM personal_access_tokens WHERE id = @with AND owner_type = @Type AND owner_id = @Id AND revoked_at IS NULL",
            new { with, owner.Type, owner.Id },
            transaction,
            cancellationToken: cancellationToken)) is null;
        return isEnded ? null : new LockedAccount(found.Id, found.PasswordHash);
    }
}
