using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Keys;

namespace ValidonX.LicensingApi.ApiKeys;

/// <summary>What a new key is for.</summary>
internal sealed record NewApiKey(string Name, string Scopes, string AllowedIps, DateTimeOffset? ExpiresAt);

/// <summary>
/// A tenant's API keys. When a change returns, every gateway knows of it. A new key needs no announcement: nobody can have tried
/// 256 bits before they were drawn.
/// </summary>
internal sealed class ApiKeyStore(PlatformDatabase platform, ApiKeyHasher hasher, AuditLog auditLog, ICoherence coherence, TimeProvider time)
{
    private const string SubjectType = "api_key";

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<ApiKeyRow> Items, string? NextCursor)> ListAsync(Guid tenantId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<ApiKeyRow>(new CommandDefinition(
            $"SELECT {ApiKeyRow.Columns} FROM api_keys WHERE tenant_id = @tenantId {(page.Before is null ? "" : "AND id < @Before")} ORDER BY id DESC LIMIT @take",
            new { tenantId, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, row => row.Id);
    }

    /// <summary>Makes a key.</summary>
    public Task<CreatedApiKey> CreateAsync(Guid tenantId, NewApiKey key, AuditEvent audit, CancellationToken cancellationToken) =>
        platform.TransactAsync(
            async (transaction, token) =>
            {
                var created = await InsertAsync(transaction, tenantId, key, null, token);
                await AuditAsync(transaction, audit, created.Id, token);
                return created;
            },
            cancellationToken);

    /// <summary>Revokes a key.</summary>
    public async Task<Outcome<DeletedAnswer>> RevokeAsync(Guid tenantId, Guid id, AuditEvent audit, CancellationToken cancellationToken)
    {
        var revoked = await platform.TransactAsync(
            async (transaction, token) =>
            {
                var row = await LockAsync(transaction, tenantId, id, token);
                if (row is not { Status: ApiKeyStatus.Active })
                {
                    return null;
                }

                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE api_keys SET status = 'revoked', revoked_at = @now, sealed_key = NULL WHERE id = @id",
                    new { id, now = time.GetUtcNow() },
                    transaction,
                    cancellationToken: token));
                await AuditAsync(transaction, audit, id, token);
                return row;
            },
            cancellationToken);
        if (revoked is null)
        {
            return ApiErrors.ResourceNotFound;
        }

        await AnnounceAsync(revoked);
        return new DeletedAnswer(true, id);
    }

    /// <summary>Makes a key in the place of another, which stays valid for the overlap.</summary>
    public async Task<Outcome<CreatedApiKey>> RotateAsync(Guid tenantId, Guid id, TimeSpan overlap, AuditEvent audit, CancellationToken cancellationToken)
    {
        ApiKeyRow? old = null;
        var outcome = await platform.TransactAsync<Outcome<CreatedApiKey>>(
            async (transaction, token) =>
            {
                old = await LockAsync(transaction, tenantId, id, token);
                var now = time.GetUtcNow();
                if (old is null)
                {
                    return ApiErrors.ResourceNotFound;
                }

                if (old.Status != ApiKeyStatus.Active || old.ReplacedBy is not null || old.ExpiresAt <= now)
                {
                    return ApiErrors.Conflict("The key is revoked, expired or rotated already.");
                }

                var created = await InsertAsync(transaction, tenantId, new NewApiKey(old.Name, old.Scopes, old.AllowedIps, old.ExpiresAt), old, token);
                var end = now + overlap;
                var expiresAt = old.ExpiresAt is { } earlier && earlier < end ? earlier : end;
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE api_keys SET replaced_by = @replacedBy, expires_at = @expiresAt, sealed_key = NULL WHERE id = @id",
                    new { replacedBy = created.Id, expiresAt, id },
                    transaction,
                    cancellationToken: token));
                await AuditAsync(transaction, audit, id, token);
                return created with { Replaces = new ReplacedApiKey(id, expiresAt) };
            },
            cancellationToken);
        if (outcome.Value is not null)
        {
            await AnnounceAsync(old!);
        }

        return outcome;
    }

    /// <summary>Gives a key a rate limit of its own, or takes it away.</summary>
    public async Task<Outcome<ApiKeyRow>> LimitAsync(
        Guid tenantId, Guid id, long? requests, long? periodSeconds, AuditEvent audit, CancellationToken cancellationToken)
    {
        var limited = await platform.TransactAsync(
            async (transaction, token) =>
            {
                var row = await LockAsync(transaction, tenantId, id, token);
                if (row is null)
                {
                    return null;
                }

                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE api_keys SET rate_limit_requests = @requests, rate_limit_period_seconds = @periodSeconds WHERE id = @id",
                    new { requests, periodSeconds, id },
                    transaction,
                    cancellationToken: token));
                await AuditAsync(transaction, audit, id, token);
                return row with { RateLimitRequests = requests, RateLimitPeriodSeconds = periodSeconds };
            },
            cancellationToken);
        if (limited is null)
        {
            return ApiErrors.ResourceNotFound;
        }

        await AnnounceAsync(limited);
        return limited;
    }

    private Task AnnounceAsync(ApiKeyRow key) =>
        coherence.InvalidateAsync([CacheKeys.ApiKey(new ApiKeyHash(key.KeyHash))], CancellationToken.None);

    private Task AuditAsync(DbTransaction transaction, AuditEvent audit, Guid id, CancellationToken cancellationToken) =>
        auditLog.WriteAsync(transaction, audit with { SubjectType = SubjectType, SubjectId = id.ToString() }, cancellationToken);

    private static Task<ApiKeyRow?> LockAsync(DbTransaction transaction, Guid tenantId, Guid id, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<ApiKeyRow?>(new CommandDefinition(
            $"SELECT {ApiKeyRow.Columns} FROM api_keys WHERE id = @id AND tenant_id = @tenantId FOR UPDATE",
            new { id, tenantId },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Writes a new key, in the transaction of what it belongs to.</summary>
    /// <param name="transaction">The platform database's.</param>
    /// <param name="tenantId">Whose it is.</param>
    /// <param name="key">What it is for.</param>
    /// <param name="limitsOf">The key whose rate limit it takes over, if any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CreatedApiKey> InsertAsync(DbTransaction transaction, Guid tenantId, NewApiKey key, ApiKeyRow? limitsOf, CancellationToken cancellationToken)
    {
        var text = ApiKeyText.Create();
        var now = time.GetUtcNow();
        var created = new CreatedApiKey(
            Guid.CreateVersion7(now), key.Name, text, text[^4..], ApiKeyStatus.Active, new RawJson(key.Scopes), new RawJson(key.AllowedIps), key.ExpiresAt, now);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO api_keys
              (id, tenant_id, name, key_hash, hint, scopes, allowed_ips, status, rate_limit_requests, rate_limit_period_seconds, expires_at, created_at)
            VALUES (@Id, @tenantId, @Name, @hash, @Hint, @Scopes, @AllowedIps, 'active', @RateLimitRequests, @RateLimitPeriodSeconds, @ExpiresAt, @CreatedAt)
            """,
            new
            {
                created.Id,
                tenantId,
                key.Name,
                hash = hasher.Hash(text),
                created.Hint,
                key.Scopes,
                key.AllowedIps,
                limitsOf?.RateLimitRequests,
                limitsOf?.RateLimitPeriodSeconds,
                key.ExpiresAt,
                created.CreatedAt,
            },
            transaction,
            cancellationToken: cancellationToken));
        return created;
    }
}
