using System.Data.Common;
using Dapper;
using ValidonX.Platform.Api;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Idempotency;

/// <summary>
/// Answers to changes in a tenant's database, kept there in the transaction of the change: however the process ends, either both are there or
/// neither. The unique key makes two who run under one key take turns, and the second finds the answer of the first.
/// </summary>
internal sealed class TenantAnswers(SecretSealer sealer)
{
    /// <summary>First of all in the transaction: takes the key's place, or gives the answer of who had it before.</summary>
    /// <exception cref="ApiException">422: that was another request.</exception>
    public async Task<StoredAnswer?> ReserveAsync(DbTransaction transaction, IdempotencyClaim claim, CancellationToken cancellationToken)
    {
        var earlier = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            """
            DELETE FROM idempotent_answers WHERE key_hash = @KeyHash AND expires_at <= UTC_TIMESTAMP(6);
            INSERT IGNORE INTO idempotent_answers (key_hash, request_hash, answer, expires_at)
            VALUES (@KeyHash, @RequestHash, '', UTC_TIMESTAMP(6) + INTERVAL 24 HOUR);
            SELECT request_hash, answer FROM idempotent_answers WHERE ROW_COUNT() = 0 AND key_hash = @KeyHash
            """,
            new { claim.KeyHash, claim.RequestHash },
            transaction,
            cancellationToken: cancellationToken));
        if (earlier is null)
        {
            return null;
        }

        return earlier.RequestHash.AsSpan().SequenceEqual(claim.RequestHash)
            ? StoredAnswer.FromText(sealer.Open(earlier.Answer, SealedPurposes.IdempotentAnswer, claim.Scope))
            : throw new ApiException(ApiErrors.IdempotencyKeyReused);
    }

    /// <summary>Last of all in the transaction: keeps the answer.</summary>
    public Task KeepAsync(DbTransaction transaction, IdempotencyClaim claim, StoredAnswer answer, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE idempotent_answers SET answer = @answer WHERE key_hash = @KeyHash",
            new { claim.KeyHash, answer = sealer.Seal(answer.ToText(), SealedPurposes.IdempotentAnswer, claim.Scope) },
            transaction,
            cancellationToken: cancellationToken));

    private sealed class Row
    {
        public byte[] RequestHash { get; init; } = [];

        public byte[] Answer { get; init; } = [];
    }
}
