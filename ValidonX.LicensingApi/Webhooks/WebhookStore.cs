using System.Data.Common;
using System.Text.Json;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Plans;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Secrets;
using ValidonX.Platform.Webhooks;

namespace ValidonX.LicensingApi.Webhooks;

/// <summary>A tenant's webhook endpoints, within what its plan allows.</summary>
internal sealed class WebhookStore(PlatformDatabase platform, StateChanges changes, SecretSealer sealer, IWakeup wakeup, TimeProvider time)
{
    /// <summary>What an endpoint is called in the audit log.</summary>
    public const string SubjectType = "webhook";

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<WebhookRow> Items, string? NextCursor)> ListAsync(Guid tenantId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<WebhookRow>(new CommandDefinition(
            $"""
            SELECT {WebhookRow.Columns} FROM webhook_endpoints WHERE tenant_id = @tenantId AND url IS NOT NULL {page.AndOlder()}
            ORDER BY id DESC LIMIT @take
            """,
            new { tenantId, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, row => row.Id);
    }

    /// <summary>One endpoint, or <see langword="null"/>.</summary>
    public async Task<WebhookRow?> FindAsync(Guid tenantId, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, tenantId, id, cancellationToken);
    }

    /// <summary>Makes an endpoint.</summary>
    public Task<IResult> CreateAsync(Guid tenantId, NewWebhook wanted, ChangeRequest<CreatedWebhook> request) =>
        changes.InPlatformAsync<CreatedWebhook>(request, async (transaction, token) =>
        {
            // The tenant's turn: of two who take the last place at once one gets it.
            if (await TenantQueries.LockAsync(transaction, tenantId, token) is not { } tenant)
            {
                return ApiErrors.TenantNotFound;
            }

            var entitlements = await TenantPlans.ReadAsync(transaction.Connection!, transaction, tenantId, tenant.PlanCode, token);
            if (entitlements.SingleOrDefault(one => one.Code == EntitlementCodes.WebhookEndpoints)?.Value is { } limit)
            {
                var taken = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
                    "SELECT COUNT(*) FROM webhook_endpoints WHERE tenant_id = @tenantId AND url IS NOT NULL", new { tenantId }, transaction, cancellationToken: token));
                if (taken >= limit)
                {
                    return ApiErrors.EntitlementLimitExceeded(EntitlementCodes.WebhookEndpoints, taken, limit);
                }
            }

            var now = time.GetUtcNow();
            var keys = WebhookKeys.Create();
            var row = new WebhookRow
            {
                Id = Guid.CreateVersion7(now),
                Url = wanted.Url,
                Description = wanted.Description,
                Events = ToJson(wanted.Events),
                IsOrdered = wanted.Ordered,
                PublicKey = keys.PublicKey,
                CreatedAt = now,
                UpdatedAt = now,
            };
            var (secret, signingKey) = keys.Seal(sealer, row.Id);
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO webhook_endpoints (id, tenant_id, url, description, status, events, is_ordered, sealed_secret, sealed_signing_key, public_key, created_at, updated_at)
                VALUES (@Id, @tenantId, @Url, @Description, @Status, @Events, @IsOrdered, @secret, @signingKey, @PublicKey, @CreatedAt, @CreatedAt)
                """,
                new { row.Id, tenantId, row.Url, row.Description, row.Status, row.Events, row.IsOrdered, secret, signingKey, row.PublicKey, row.CreatedAt },
                transaction,
                cancellationToken: token));
            return new Changed<CreatedWebhook>(CreatedWebhook.Of(row, keys))
            {
                Event = request.Audit.About(SubjectType, row.Id).Made(row.Show(now), LicensingJson.Default.ShownWebhook),
            };
        });

    /// <summary>Changes an endpoint. One that is put into service again begins as if its receiver had never failed, with all that waits.</summary>
    public async Task<IResult> ChangeAsync(Guid tenantId, Guid id, WebhookChange wanted, ChangeRequest<ShownWebhook> request)
    {
        var result = await changes.InPlatformAsync<ShownWebhook>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, tenantId, id, token) is not { } before)
            {
                return ApiErrors.ResourceNotFound;
            }

            var now = time.GetUtcNow();
            var after = before with
            {
                Url = wanted.Url ?? before.Url,
                Description = wanted.Description.Or(before.Description),
                Events = wanted.Events is { } events ? ToJson(events) : before.Events,
                IsOrdered = wanted.Ordered ?? before.IsOrdered,
                Status = wanted.Status ?? before.Status,
                DisabledReason = wanted.Status switch
                {
                    null => before.DisabledReason,
                    WebhookStatus.Enabled => null,
                    _ => before.DisabledReason ?? DisabledReason.Asked,
                },
                FailingSince = wanted.Status == WebhookStatus.Enabled ? null : before.FailingSince,
            };
            if (after == before && wanted.Status != WebhookStatus.Enabled)
            {
                return new Changed<ShownWebhook>(before.Show(now));
            }

            var isRestart = wanted.Status == WebhookStatus.Enabled;
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"""
                UPDATE webhook_endpoints SET url = @Url, description = @Description, events = @Events, is_ordered = @IsOrdered, status = @Status, disabled_reason = @DisabledReason,
                  {(isRestart ? "failures = 0, exhausted = 0, failing_since = NULL, paused_until = NULL," : "")} due_at = @now, updated_at = @now
                WHERE id = @id;
                {(isRestart ? $"UPDATE webhook_deliveries SET next_attempt_at = @now WHERE endpoint_id = @id AND status = '{DeliveryStatus.Pending}' AND next_attempt_at > @now" : "")}
                """,
                new { after.Url, after.Description, after.Events, after.IsOrdered, after.Status, after.DisabledReason, now, id },
                transaction,
                cancellationToken: token));
            after = after with { UpdatedAt = now };
            return new Changed<ShownWebhook>(after.Show(now))
            {
                Event = after with { UpdatedAt = before.UpdatedAt } == before
                    ? null
                    : request.Audit.About(SubjectType, id).Changed(before.Show(now), after.Show(now), LicensingJson.Default.ShownWebhook),
            };
        });
        wakeup.Signal(WebhookIntake.WakeupChannel);
        return result;
    }

    /// <summary>Deletes an endpoint; nothing is sent to it any more, and the log of its deliveries is gone for its owner. Rows go later, a few at a time.</summary>
    public Task<IResult> DeleteAsync(Guid tenantId, Guid id, ChangeRequest<DeletedAnswer> request) =>
        changes.InPlatformAsync<DeletedAnswer>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, tenantId, id, token) is not { } row)
            {
                return ApiErrors.ResourceNotFound;
            }

            var now = time.GetUtcNow();
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"""
                UPDATE webhook_endpoints SET status = '{WebhookStatus.Deleted}', url = NULL, due_at = NULL, sealed_secret = '', sealed_signing_key = NULL,
                  previous_sealed_secret = NULL, previous_sealed_signing_key = NULL, previous_until = NULL, updated_at = @now
                WHERE id = @id
                """,
                new { id, now },
                transaction,
                cancellationToken: token));
            return new Changed<DeletedAnswer>(new DeletedAnswer(true, id))
            {
                Event = request.Audit.About(SubjectType, id).Unmade(row.Show(now), LicensingJson.Default.ShownWebhook),
            };
        });

    /// <summary>Gives an endpoint another secret and key; those of before sign, too, for the overlap.</summary>
    public Task<IResult> RotateAsync(Guid tenantId, Guid id, TimeSpan overlap, ChangeRequest<CreatedWebhook> request) =>
        changes.InPlatformAsync<CreatedWebhook>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, tenantId, id, token) is not { } before)
            {
                return ApiErrors.ResourceNotFound;
            }

            var now = time.GetUtcNow();
            var keys = WebhookKeys.Create();
            var (secret, signingKey) = keys.Seal(sealer, id);
            var rotated = before with { PublicKey = keys.PublicKey, PreviousUntil = overlap > TimeSpan.Zero ? now + overlap : null, UpdatedAt = now };
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                UPDATE webhook_endpoints SET previous_sealed_secret = sealed_secret, previous_sealed_signing_key = sealed_signing_key, previous_until = @PreviousUntil,
                  sealed_secret = @secret, sealed_signing_key = @signingKey, public_key = @PublicKey, updated_at = @now
                WHERE id = @id
                """,
                new { id, secret, signingKey, rotated.PublicKey, rotated.PreviousUntil, now },
                transaction,
                cancellationToken: token));
            return new Changed<CreatedWebhook>(CreatedWebhook.Of(rotated, keys))
            {
                Event = request.Audit.About(SubjectType, id).Changed(before.Show(now), rotated.Show(now), LicensingJson.Default.ShownWebhook),
            };
        });

    /// <summary>One endpoint, locked until the transaction ends, or <see langword="null"/>.</summary>
    public static Task<WebhookRow?> LockAsync(DbTransaction transaction, Guid tenantId, Guid id, CancellationToken cancellationToken) =>
        FindAsync(transaction.Connection!, transaction, tenantId, id, cancellationToken, "FOR UPDATE");

    private static Task<WebhookRow?> FindAsync(
        DbConnection connection, DbTransaction? transaction, Guid tenantId, Guid id, CancellationToken cancellationToken, string locking = "") =>
        connection.QuerySingleOrDefaultAsync<WebhookRow?>(new CommandDefinition(
            $"SELECT {WebhookRow.Columns} FROM webhook_endpoints WHERE tenant_id = @tenantId AND id = @id AND url IS NOT NULL {locking}",
            new { tenantId, id },
            transaction,
            cancellationToken: cancellationToken));

    private static string ToJson(IReadOnlyList<string> texts) => JsonSerializer.Serialize(texts, LicensingJson.Default.IReadOnlyListString);
}
