using System.Data.Common;
using Dapper;

namespace ValidonX.Platform.Accounts;

/// <summary>Issues and revokes bearer tokens, in the transaction of what they belong to.</summary>
public sealed class AccessTokens(TimeProvider time)
{
    /// <summary>Writes a new token; its text exists only in the result.</summary>
    /// <param name="transaction">The platform database's.</param>
    /// <param name="ownerType">One of <see cref="TokenOwners"/>.</param>
    /// <param name="ownerId">The user's or operator's id.</param>
    /// <param name="ability">One of <see cref="Abilities"/>.</param>
    /// <param name="name">What its owner knows it by.</param>
    /// <param name="now">When it is made.</param>
    /// <param name="expiresAt">Until when it is valid; <see langword="null"/> until it is revoked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<AccessToken> IssueAsync(
        DbTransaction transaction,
        string ownerType,
        Guid ownerId,
        string ability,
        string name,
        DateTimeOffset now,
        DateTimeOffset? expiresAt,
        CancellationToken cancellationToken)
    {
        var token = AccessToken.Create();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO personal_access_tokens (id, owner_type, owner_id, name, ability, token_hash, expires_at, created_at)
            VALUES (@Id, @ownerType, @ownerId, @name, @ability, @hash, @expiresAt, @now)
            """,
            new { token.Id, ownerType, ownerId, name, ability, hash = token.Hash(), expiresAt, now },
            transaction,
            cancellationToken: cancellationToken));
        return token;
    }

    /// <summary>Ends an owner's tokens of this name. The caller then invalidates <see cref="EndedAsync"/>.</summary>
    public Task RevokeNamedAsync(DbTransaction transaction, string ownerType, Guid ownerId, string name, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            UPDATE personal_access_tokens SET revoked_at = @now
            WHERE owner_type = @ownerType AND owner_id = @ownerId AND name = @name AND revoked_at IS NULL
            """,
            new { ownerType, ownerId, name, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Ends all tokens of an owner. The caller then invalidates <see cref="EndedAsync"/>.</summary>
    /// <param name="transaction">The platform database's.</param>
    /// <param name="ownerType">One of <see cref="TokenOwners"/>.</param>
    /// <param name="ownerId">The user's or operator's id.</param>
    /// <param name="except">One that goes on, if any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RevokeAllAsync(DbTransaction transaction, string ownerType, Guid ownerId, Guid? except, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            UPDATE personal_access_tokens SET revoked_at = @now
            WHERE owner_type = @ownerType AND owner_id = @ownerId AND revoked_at IS NULL AND (@except IS NULL OR id <> @except)
            """,
            new { ownerType, ownerId, except, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>
    /// The owner's tokens that were revoked before their time, the earlier ones included: a gateway that was never told of them would still take them.
    /// </summary>
    public async Task<IReadOnlyList<Guid>> EndedAsync(DbTransaction transaction, string ownerType, Guid ownerId, CancellationToken cancellationToken) =>
        [.. await transaction.Connection!.QueryAsync<Guid>(new CommandDefinition(
            """
            SELECT id FROM personal_access_tokens
            WHERE owner_type = @ownerType AND owner_id = @ownerId AND revoked_at IS NOT NULL AND (expires_at IS NULL OR expires_at > @now)
            """,
            new { ownerType, ownerId, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken))];

    /// <summary>Ends a token. The caller then invalidates what the gateways remember of it, also when it was ended before.</summary>
    /// <returns>Whether it was not ended before.</returns>
    public async Task<bool> RevokeAsync(DbTransaction transaction, Guid tokenId, CancellationToken cancellationToken) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE personal_access_tokens SET revoked_at = @now WHERE id = @tokenId AND revoked_at IS NULL",
            new { tokenId, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken)) == 1;
}
