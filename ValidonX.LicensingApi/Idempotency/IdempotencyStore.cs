using System.Data.Common;
using Dapper;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Idempotency;

/// <summary>What a claim of a key found: the claim itself, an earlier answer, or a refusal.</summary>
/// <param name="Claim">Nobody has the key: run the request.</param>
/// <param name="Answer">The answer is there.</param>
/// <param name="IsOwed">Not everyone may have heard yet of the change that the answer tells of.</param>
/// <param name="Refusal">The first request still runs, or it was another one.</param>
internal readonly record struct ClaimResult(IdempotencyClaim? Claim = null, StoredAnswer? Answer = null, bool IsOwed = false, ApiError? Refusal = null);

/// <summary>
/// The rows of <c>idempotency_keys</c>, one per scope (tenant or operator) and key, on the way from <c>running</c> over <c>committed</c> (the change
/// is made, not everyone may have heard) to <c>answered</c>. All times are the database's. Answers may show a new API key, so they are sealed.
/// </summary>
internal sealed class IdempotencyStore(PlatformDatabase platform, SecretSealer sealer)
{
    /// <summary>How long a repetition is told that the first request still runs when the first one's process has died.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private const int DeleteBatch = 1_000;

    /// <summary>Tries to be the one who runs the request. Not for the caller to cancel: a claim that nobody knows of would bar the repetition.</summary>
    public async Task<ClaimResult> ClaimAsync(Guid scope, byte[] keyHash, byte[] requestHash)
    {
        // On its own: within a transaction all who come too late would share a lock on the row that each of them then wants alone.
        await using (var connection = await platform.OpenAsync(CancellationToken.None))
        {
            var lease = await connection.QuerySingleOrDefaultAsync<DateTimeOffset?>(
                """
                INSERT IGNORE INTO idempotency_keys (tenant_id, key_hash, request_hash, status, lease_until, created_at, expires_at)
                VALUES (@scope, @keyHash, @requestHash, 'running', UTC_TIMESTAMP(6) + INTERVAL @seconds SECOND, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 24 HOUR);
                SELECT lease_until FROM idempotency_keys WHERE ROW_COUNT() = 1 AND tenant_id = @scope AND key_hash = @keyHash
                """,
                new { scope, keyHash, requestHash, seconds = (long)Lease.TotalSeconds });
            if (lease is { } until)
            {
                return new ClaimResult(new IdempotencyClaim(scope, keyHash, requestHash, until));
            }
        }

        return await platform.TransactAsync((transaction, _) => ClaimTakenAsync(transaction, scope, keyHash, requestHash), CancellationToken.None);
    }

    /// <summary>Keeps the answer in the transaction of the change that it tells of.</summary>
    /// <exception cref="ApiException">409: a repetition has taken over meanwhile; the transaction must not be committed.</exception>
    public async Task KeepAsync(DbTransaction transaction, IdempotencyClaim claim, StoredAnswer answer, CancellationToken cancellationToken)
    {
        var kept = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            UPDATE idempotency_keys SET status = @state, response_status = @Status, response_body = @body
            WHERE tenant_id = @Scope AND key_hash = @KeyHash AND status = 'running' AND lease_until = @LeaseUntil
            """,
            Values(claim, answer, answer.Stale.Count == 0 ? "answered" : "committed"),
            transaction,
            cancellationToken: cancellationToken));
        if (kept != 1)
        {
            throw new ApiException(ApiErrors.IdempotencyInProgress);
        }
    }

    /// <summary>Keeps the answer for good, everyone having heard, unless another request has taken over.</summary>
    public Task CompleteAsync(IdempotencyClaim claim, StoredAnswer answer) =>
        ExecuteAsync(
            """
            UPDATE idempotency_keys SET status = @state, response_status = @Status, response_body = @body
            WHERE tenant_id = @Scope AND key_hash = @KeyHash AND status IN ('running', 'committed') AND lease_until = @LeaseUntil
            """,
            Values(claim, answer, "answered"));

    /// <summary>Everyone has heard of the change that an earlier request made.</summary>
    public Task SettleAsync(Guid scope, byte[] keyHash) =>
        ExecuteAsync(
            "UPDATE idempotency_keys SET status = 'answered' WHERE tenant_id = @scope AND key_hash = @keyHash AND status = 'committed'",
            new { scope, keyHash });

    /// <summary>
    /// Gives the claim up. Harmless when the request has committed all the same: its answer was kept with it, here (and the row is no longer running)
    /// or in the tenant's database (where the repetition finds it).
    /// </summary>
    public Task ReleaseAsync(IdempotencyClaim claim) =>
        ExecuteAsync(
            "DELETE FROM idempotency_keys WHERE tenant_id = @Scope AND key_hash = @KeyHash AND status = 'running' AND lease_until = @LeaseUntil",
            new { claim.Scope, claim.KeyHash, claim.LeaseUntil });

    /// <summary>Deletes what is over, a batch at a time.</summary>
    public async Task DeleteExpiredAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        int deleted;
        do
        {
            deleted = await connection.ExecuteAsync(new CommandDefinition(
                "DELETE FROM idempotency_keys WHERE expires_at < UTC_TIMESTAMP(6) LIMIT @DeleteBatch",
                new { DeleteBatch },
                cancellationToken: cancellationToken));
        }
        while (deleted == DeleteBatch);
    }

    private async Task<ClaimResult> ClaimTakenAsync(DbTransaction transaction, Guid scope, byte[] keyHash, byte[] requestHash)
    {
        var connection = transaction.Connection!;
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            """
            SELECT request_hash, status, response_body, lease_until > UTC_TIMESTAMP(6) AS is_leased, expires_at <= UTC_TIMESTAMP(6) AS is_over
            FROM idempotency_keys WHERE tenant_id = @scope AND key_hash = @keyHash FOR UPDATE
            """,
            new { scope, keyHash },
            transaction);
        if (row is null)
        {
            // Given up between the two statements: the repetition's repetition will run it.
            return new ClaimResult(Refusal: ApiErrors.IdempotencyInProgress);
        }

        if (row.IsOver == 0)
        {
            if (!row.RequestHash.AsSpan().SequenceEqual(requestHash))
            {
                return new ClaimResult(Refusal: ApiErrors.IdempotencyKeyReused);
            }

            if (row.ResponseBody is { } body)
            {
                return new ClaimResult(
                    Answer: StoredAnswer.FromText(sealer.Open(body, SealedPurposes.IdempotentAnswer, scope)), IsOwed: row.Status == "committed");
            }

            if (row.IsLeased != 0)
            {
                return new ClaimResult(Refusal: ApiErrors.IdempotencyInProgress);
            }
        }

        var lease = await connection.QuerySingleAsync<DateTimeOffset>(
            """
            UPDATE idempotency_keys
            SET request_hash = @requestHash, status = 'running', lease_until = UTC_TIMESTAMP(6) + INTERVAL @seconds SECOND,
              response_status = NULL, response_body = NULL, created_at = UTC_TIMESTAMP(6), expires_at = UTC_TIMESTAMP(6) + INTERVAL 24 HOUR
            WHERE tenant_id = @scope AND key_hash = @keyHash;
            SELECT lease_until FROM idempotency_keys WHERE tenant_id = @scope AND key_hash = @keyHash
            """,
            new { scope, keyHash, requestHash, seconds = (long)Lease.TotalSeconds },
            transaction);
        return new ClaimResult(new IdempotencyClaim(scope, keyHash, requestHash, lease));
    }

    private object Values(IdempotencyClaim claim, StoredAnswer answer, string state) =>
        new
        {
            claim.Scope,
            claim.KeyHash,
            claim.LeaseUntil,
            answer.Status,
            state,
            body = sealer.Seal(answer.ToText(), SealedPurposes.IdempotentAnswer, claim.Scope),
        };

    // Not the caller's token: what ran has run, also when nobody waits for it any more.
    private async Task ExecuteAsync(string sql, object parameters)
    {
        await using var connection = await platform.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql, parameters);
    }

    private sealed class Row
    {
        public byte[] RequestHash { get; init; } = [];

        public string Status { get; init; } = "";

        public byte[]? ResponseBody { get; init; }

        public long? IsLeased { get; init; }

        public long IsOver { get; init; }
    }
}
