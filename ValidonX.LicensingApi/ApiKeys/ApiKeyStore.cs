using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
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
internal sealed class ApiKeyStore(PlatformDatabase platform, StateChanges changes, ApiKeyHasher hasher, TimeProvider time)
{
    private const string SubjectType = "api_key";

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<ApiKeyRow> Items, string? NextCursor)> ListAsync(Guid tenantId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<ApiKeyRow>(new CommandDefinition(
            $"SELECT {ApiKeyRow.Columns} FROM api_keys WHERE tenant_id = @tenantId {page.AndOlder()} ORDER BY id DESC LIMIT @take",
            new { tenantId, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, row => row.Id);
    }

    /// <summary>Makes a key.</summary>
    public Task<IResult> CreateAsync(Guid tenantId, NewApiKey key, ChangeRequest<CreatedApiKey> request) =>
        changes.InPlatformAsync(request, async (transaction, token) =>
        {
            var created = await InsertAsync(transaction, tenantId, key, null, token);
            return new Changed<CreatedApiKey>(created)
            {
                Event = request.Audit.About(SubjectType, created.Id).Made(created, LicensingJson.Default.CreatedApiKey),
            };
        });

    /// <summary>Revokes a key. Revoking again changes nothing.</summary>
    public Task<IResult> RevokeAsync(Guid tenantId, Guid id, ChangeRequest<DeletedAnswer> request) =>
        changes.InPlatformAsync<DeletedAnswer>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, tenantId, id, token) is not { } row)
            {
                return ApiErrors.ResourceNotFound;
            }

            var revoked = new Changed<DeletedAnswer>(new DeletedAnswer(true, id)) { Stale = Stale(row) };
            if (row.Status == ApiKeyStatus.Revoked)
            {
                return revoked;
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE api_keys SET status = 'revoked', revoked_at = @now, sealed_key = NULL WHERE id = @id",
                new { id, now = time.GetUtcNow() },
                transaction,
                cancellationToken: token));
            return revoked with { Event = Changed(request.Audit, row, row with { Status = ApiKeyStatus.Revoked }) };
        });

    /// <summary>Makes a key in the place of another, which stays valid for the overlap.</summary>
    public Task<IResult> RotateAsync(Guid tenantId, Guid id, TimeSpan overlap, ChangeRequest<CreatedApiKey> request) =>
        changes.InPlatformAsync<CreatedApiKey>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, tenantId, id, token) is not { } old)
            {
                return ApiErrors.ResourceNotFound;
            }

            var now = time.GetUtcNow();
            if (old.Status != ApiKeyStatus.Active || old.ReplacedBy is not null || old.ExpiresAt <= now)
            {
                return new Changed<CreatedApiKey>(ApiErrors.Conflict("The key is revoked, expired or rotated already.")) { Stale = Stale(old) };
            }

            var created = await InsertAsync(transaction, tenantId, new NewApiKey(old.Name, old.Scopes, old.AllowedIps, old.ExpiresAt), old, token);
            var end = now + overlap;
            var expiresAt = old.ExpiresAt is { } earlier && earlier < end ? earlier : end;
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE api_keys SET replaced_by = @replacedBy, expires_at = @expiresAt, sealed_key = NULL WHERE id = @id",
                new { replacedBy = created.Id, expiresAt, id },
                transaction,
                cancellationToken: token));
            return new Changed<CreatedApiKey>(created with { Replaces = new ReplacedApiKey(id, expiresAt) })
            {
                Stale = Stale(old),
                Event = Changed(request.Audit, old, old with { ReplacedBy = created.Id, ExpiresAt = expiresAt }),
            };
        });

    /// <summary>Gives a key a rate limit of its own, or takes it away.</summary>
    public Task<IResult> LimitAsync(Guid tenantId, Guid id, long? requests, long? periodSeconds, ChangeRequest<ApiKeyRow> request) =>
        changes.InPlatformAsync<ApiKeyRow>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, tenantId, id, token) is not { } row)
            {
                return ApiErrors.ResourceNotFound;
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE api_keys SET rate_limit_requests = @requests, rate_limit_period_seconds = @periodSeconds WHERE id = @id",
                new { requests, periodSeconds, id },
                transaction,
                cancellationToken: token));
            var limited = row with { RateLimitRequests = requests, RateLimitPeriodSeconds = periodSeconds };
            return new Changed<ApiKeyRow>(limited) { Stale = Stale(row), Event = Changed(request.Audit, row, limited) };
        });

    private AuditEvent Changed(AuditEvent audit, ApiKeyRow from, ApiKeyRow to)
    {
        var now = time.GetUtcNow();
        return audit.About(SubjectType, from.Id).Changed(from.Show(now), to.Show(now), LicensingJson.Default.ShownApiKey);
    }

    private static Invalidation[] Stale(ApiKeyRow key) => [CacheKeys.ApiKey(new ApiKeyHash(key.KeyHash))];

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
