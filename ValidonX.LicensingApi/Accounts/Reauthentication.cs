using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>
/// Whether it is an account's owner who calls, and not only somebody with its token: by the current password, or by a sign-in of just now, which is the same proof. An account that
/// has no password has nothing else than its token to prove itself by, which may set a password, too.
/// </summary>
internal sealed class Reauthentication(PlatformDatabase platform, PasswordHasher passwords, CountedAudit counted, TimeProvider time)
{
    /// <summary>For how long a sign-in is one of just now.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    /// <summary>Why the call is refused.</summary>
    /// <param name="owner">Whose account.</param>
    /// <param name="tokenId">The token that is used.</param>
    /// <param name="password">The password, if it was stated.</param>
    /// <param name="failure">What is recorded of a wrong one.</param>
    /// <param name="network">Where the call comes from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ApiError?> RefusalAsync(AccountOwner owner, Guid? tokenId, string? password, AuditEvent failure, string network, CancellationToken cancellationToken)
    {
        var (isThere, hash, isFresh) = await FindAsync(owner, tokenId, cancellationToken);
        if (!isThere)
        {
            return ApiErrors.Unauthenticated;
        }

        if (password is null)
        {
            return hash is null || isFresh ? null : ApiErrors.ValidationFailed("password", "Is required, since the last sign-in is more than five minutes ago.");
        }

        if (hash is null || await passwords.VerifyAsync(hash, password, cancellationToken))
        {
            return null;
        }

        counted.Note(failure, SignInMetrics.WrongPassword, network);
        return ApiErrors.VerificationFailed;
    }

    /// <summary>Notes that the holder of a token has just set a password by it.</summary>
    public static Task NoteAsync(DbTransaction transaction, Guid? tokenId, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE personal_access_tokens SET proved_at = @now WHERE id = @tokenId", new { now, tokenId }, transaction, cancellationToken: cancellationToken));

    private async Task<(bool IsThere, string? Hash, bool IsFresh)> FindAsync(AccountOwner owner, Guid? tokenId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<(bool, string?, bool)>(new CommandDefinition(
            $"""
            SELECT 1, a.password_hash, EXISTS (
              SELECT 1 FROM personal_access_tokens t
              WHERE t.id = @tokenId AND t.owner_type = @Type AND t.owner_id = a.id AND t.revoked_at IS NULL AND (t.proved_at > @since OR (t.name = '{UserSessions.TokenName}' AND t.created_at > @since)))
            FROM {owner.Table} a WHERE a.id = @Id
            """,
            new { owner.Id, owner.Type, tokenId, since = time.GetUtcNow() - Fresh },
            cancellationToken: cancellationToken));
    }
}
