using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>A new password of a user or an operator, by whatever way, in a transaction that has the account's turn.</summary>
internal static class NewPassword
{
    /// <summary>Stores it, and ends what was begun by the old one: links for another password, a change of a user's address.</summary>
    public static async Task StoreAsync(DbTransaction transaction, AccountOwner owner, string hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"UPDATE {owner.Table} SET password_hash = @hash, updated_at = @now WHERE id = @Id", new { hash, now, owner.Id }, transaction, cancellationToken: cancellationToken));
        await MailedTokenStore.RevokeAllAsync(transaction, owner.ResetPurpose, owner.Id, now, cancellationToken);
        if (owner.Type == TokenOwners.User)
        {
            await ChangeEmail.CancelAsync(transaction, owner.Id, cancellationToken);
        }
    }
}
