using System.Data.Common;
using Dapper;
using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.Tokens;

/// <summary>What of a user the giving of tokens and the change of the password both depend on.</summary>
internal sealed record LockedUser(Guid Id, string? PasswordHash);

/// <summary>
/// The turn of a user: whoever gives the user a token or ends all of them takes the row's lock first, so that no token that is being made slips
/// past a change of the password.
/// </summary>
internal static class UserLock
{
    /// <summary>The user's row, locked until the transaction ends; <see langword="null"/> when it or the token that is used is no more.</summary>
    /// <param name="transaction">The platform database's.</param>
    /// <param name="userId">The user.</param>
    /// <param name="with">The token with which the user calls, if the user does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LockedUser?> TakeAsync(DbTransaction transaction, Guid userId, Guid? with, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var user = await connection.QuerySingleOrDefaultAsync<(Guid Id, string? PasswordHash)?>(new CommandDefinition(
            "SELECT id, password_hash FROM users WHERE id = @userId FOR UPDATE",
            new { userId },
            transaction,
            cancellationToken: cancellationToken));
        if (user is not { } found)
        {
            return null;
        }

        var isEnded = with is not null && await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            $"SELECT 1 FROM personal_access_tokens WHERE id = @with AND owner_type = '{TokenOwners.User}' AND owner_id = @userId AND revoked_at IS NULL",
            new { with, userId },
            transaction,
            cancellationToken: cancellationToken)) is null;
        return isEnded ? null : new LockedUser(found.Id, found.PasswordHash);
    }
}
