using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Challenges;

/// <summary>
/// Lets each challenge be answered once. Nothing is kept of those that were only asked for, which strangers can do at will: what has to come back with the answer is sealed and
/// given to whoever asked. Only the used ones are kept, until they would be too old anyway.
/// </summary>
internal static class UsedChallenges
{
    /// <summary>Uses a challenge up, in the transaction of what it opens.</summary>
    /// <returns>Whether it was not used before.</returns>
    public static async Task<bool> TakeAsync(DbTransaction transaction, string challenge, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        try
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "INSERT INTO used_challenges (challenge_hash, expires_at) VALUES (@hash, @expiresAt)",
                new { hash = SHA256.HashData(Encoding.UTF8.GetBytes(challenge)), expiresAt },
                transaction,
                cancellationToken: cancellationToken));
            return true;
        }
        catch (DbException known) when (DatabaseError.IsDuplicateKey(known))
        {
            return false;
        }
    }
}
