using System.Data.Common;
using Dapper;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.MailedTokens;

/// <summary>The tokens of mails' links, each good once and for a while.</summary>
internal sealed class MailedTokenStore(PlatformDatabase platform, TimeProvider time)
{
    private const string Good = "used_at IS NULL AND expires_at > @now";

    /// <summary>For how long a call that used a token up may be repeated by who did not get its answer.</summary>
    private static readonly TimeSpan RepeatedWithin = TimeSpan.FromMinutes(10);

    /// <summary>Writes a new token; its text exists only in the result.</summary>
    public async Task<MailedToken> IssueAsync(DbTransaction transaction, string purpose, Guid subjectId, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        var token = MailedToken.Create();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO mailed_tokens (id, purpose, subject_id, token_hash, expires_at, created_at)
            VALUES (@Id, @purpose, @subjectId, @hash, @expiresAt, @now)
            """,
            new { token.Id, purpose, subjectId, hash = token.Hash(), expiresAt, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        return token;
    }

    /// <summary>Whose a token is, if it is good at the moment, without using it up.</summary>
    public async Task<Guid?> FindAsync(string text, string purpose, CancellationToken cancellationToken)
    {
        if (!MailedToken.TryParse(text, out var token))
        {
            return null;
        }

        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, token, purpose, Good, "", cancellationToken);
    }

    /// <summary>Whose a token was that has just been used up, for who repeats a call whose answer was lost: it opens nothing, and says only what the call was about.</summary>
    public async Task<Guid?> FindUsedAsync(string text, string purpose, CancellationToken cancellationToken)
    {
        if (!MailedToken.TryParse(text, out var token))
        {
            return null;
        }

        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, token, purpose, "used_at > @lately AND expires_at > @now", "", cancellationToken);
    }

    /// <summary>Uses a token up: of any number who try at once, one gets its subject, the others <see langword="null"/>.</summary>
    public async Task<Guid?> TakeAsync(DbTransaction transaction, string text, string purpose, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        if (!MailedToken.TryParse(text, out var token) || await FindAsync(connection, transaction, token, purpose, Good, "FOR UPDATE", cancellationToken) is not { } subject)
        {
            return null;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE mailed_tokens SET used_at = @now WHERE id = @Id",
            new { token.Id, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        return subject;
    }

    /// <summary>Makes all tokens of a subject useless. They are over by it, too, which tells them from one that was used.</summary>
    public static Task RevokeAllAsync(DbTransaction transaction, string purpose, Guid subjectId, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE mailed_tokens SET used_at = @now, expires_at = LEAST(expires_at, @now) WHERE subject_id = @subjectId AND purpose = @purpose AND used_at IS NULL",
            new { purpose, subjectId, now },
            transaction,
            cancellationToken: cancellationToken));

    private async Task<Guid?> FindAsync(
        DbConnection connection, DbTransaction? transaction, MailedToken token, string purpose, string state, string locking, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var row = await connection.QuerySingleOrDefaultAsync<(Guid SubjectId, byte[] Hash)?>(new CommandDefinition(
            $"""
            SELECT subject_id, token_hash FROM mailed_tokens
            WHERE id = @Id AND purpose = @purpose AND {state} {locking}
            """,
            new { token.Id, purpose, now, lately = now - RepeatedWithin },
            transaction,
            cancellationToken: cancellationToken));
        return row is { } found && token.Matches(found.Hash) ? found.SubjectId : null;
    }
}
