using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Idempotency;

/// <summary>What a claim of a key found.</summary>
internal enum ClaimResult
{
    /// <summary>Nobody has it: run the request.</summary>
    Claimed,

    /// <summary>The answer is there.</summary>
    Answered,

    /// <summary>The first request is still running.</summary>
    InProgress,

    /// <summary>Another request had this key.</summary>
    Reused,
}

/// <summary>A claim, with the answer if there is one.</summary>
internal readonly record struct Claim(ClaimResult Result, DateTimeOffset LeaseUntil, StoredAnswer? Answer);

/// <summary>
/// The rows of <c>idempotency_keys</c>, one per scope (tenant or operator) and key. A running request holds a lease: when its process
/// dies, a repetition takes over once the lease has run out. Answers may show a new API key, so they are sealed.
/// </summary>
internal sealed class IdempotencyStore(PlatformDatabase platform, SecretSealer sealer, TimeProvider time)
{
    /// <summary>Longer than any request may take, given the database's command time-out.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Life = TimeSpan.FromHours(24);
    private const int DeleteBatch = 1_000;

    /// <summary>Tries to be the one who runs the request.</summary>
    public async Task<Claim> ClaimAsync(Guid scope, byte[] keyHash, byte[] requestHash, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var lease = WholeMicroseconds(now + Lease);

        // On its own: within a transaction all who come too late would share a lock on the row that each of them then wants alone.
        await using (var connection = await platform.OpenAsync(cancellationToken))
        {
            if (await connection.ExecuteAsync(new CommandDefinition(
                """
                INSERT IGNORE INTO idempotency_keys (tenant_id, key_hash, request_hash, status, lease_until, created_at, expires_at)
                VALUES (@scope, @keyHash, @requestHash, 'running', @lease, @now, @expiresAt)
                """,
                new { scope, keyHash, requestHash, lease, now, expiresAt = now + Life },
                cancellationToken: cancellationToken)) == 1)
            {
                return new Claim(ClaimResult.Claimed, lease, null);
            }
        }

        return await ClaimTakenAsync(scope, keyHash, requestHash, now, lease, cancellationToken);
    }

    private Task<Claim> ClaimTakenAsync(
        Guid scope, byte[] keyHash, byte[] requestHash, DateTimeOffset now, DateTimeOffset lease, CancellationToken cancellationToken) =>
        platform.TransactAsync(
            async (transaction, token) =>
            {
                var row = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
                    """
                    SELECT request_hash, status, lease_until, response_body, expires_at
                    FROM idempotency_keys WHERE tenant_id = @scope AND key_hash = @keyHash FOR UPDATE
                    """,
                    new { scope, keyHash },
                    transaction,
                    cancellationToken: token));
                if (row is null)
                {
                    // Given up between the two statements: the repetition's repetition will run it.
                    return new Claim(ClaimResult.InProgress, default, null);
                }

                var isOver = row.ExpiresAt <= now;
                if (!isOver && !row.RequestHash.AsSpan().SequenceEqual(requestHash))
                {
                    return new Claim(ClaimResult.Reused, default, null);
                }

                if (!isOver && row.ResponseBody is { } body)
                {
                    return new Claim(ClaimResult.Answered, default, StoredAnswer.FromText(sealer.Open(body, SealedPurposes.IdempotentAnswer, scope)));
                }

                if (!isOver && row.LeaseUntil > now)
                {
                    return new Claim(ClaimResult.InProgress, default, null);
                }

                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    """
                    UPDATE idempotency_keys
                    SET request_hash = @requestHash, status = 'running', lease_until = @lease, response_status = NULL, response_body = NULL,
                      created_at = @now, expires_at = @expiresAt
                    WHERE tenant_id = @scope AND key_hash = @keyHash
                    """,
                    new { scope, keyHash, requestHash, lease, now, expiresAt = now + Life },
                    transaction,
                    cancellationToken: token));
                return new Claim(ClaimResult.Claimed, lease, null);
            },
            cancellationToken);

    /// <summary>Keeps the answer, unless another request has taken over.</summary>
    public Task CompleteAsync(Guid scope, byte[] keyHash, Claim claim, StoredAnswer answer) =>
        ExecuteAsync(
            """
            UPDATE idempotency_keys SET status = 'answered', lease_until = NULL, response_status = @status, response_body = @body
            WHERE tenant_id = @scope AND key_hash = @keyHash AND status = 'running' AND lease_until = @LeaseUntil
            """,
            new { scope, keyHash, claim.LeaseUntil, status = answer.Status, body = sealer.Seal(answer.ToText(), SealedPurposes.IdempotentAnswer, scope) });

    /// <summary>Forgets the claim: the request did not run to an answer worth keeping.</summary>
    public Task ReleaseAsync(Guid scope, byte[] keyHash, Claim claim) =>
        ExecuteAsync(
            "DELETE FROM idempotency_keys WHERE tenant_id = @scope AND key_hash = @keyHash AND status = 'running' AND lease_until = @LeaseUntil",
            new { scope, keyHash, claim.LeaseUntil });

    /// <summary>Deletes what is over, a batch at a time.</summary>
    public async Task DeleteExpiredAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        int deleted;
        do
        {
            deleted = await connection.ExecuteAsync(new CommandDefinition(
                "DELETE FROM idempotency_keys WHERE expires_at < @now LIMIT @DeleteBatch",
                new { now = time.GetUtcNow(), DeleteBatch },
                cancellationToken: cancellationToken));
        }
        while (deleted == DeleteBatch);
    }

    // Not the caller's token: what ran has run, also when nobody waits for it any more.
    private async Task ExecuteAsync(string sql, object parameters)
    {
        await using var connection = await platform.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters));
    }

    private static DateTimeOffset WholeMicroseconds(DateTimeOffset value) => value.AddTicks(-(value.Ticks % TimeSpan.TicksPerMicrosecond));

    private sealed class Row
    {
        public byte[] RequestHash { get; init; } = [];

        public string Status { get; init; } = "";

        public DateTimeOffset? LeaseUntil { get; init; }

        public byte[]? ResponseBody { get; init; }

        public DateTimeOffset ExpiresAt { get; init; }
    }
}
