using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Webhooks;

namespace ValidonX.LicensingApi.Webhooks;

/// <summary>Sends on a user's word: a test, one delivery again, or all events of a time. A delivery begins its series of tries anew, under the event's old id.</summary>
internal sealed class DeliverAgain(StateChanges changes, IWakeup wakeup, TimeProvider time)
{
    /// <summary>Most events of one replay.</summary>
    private const int MostEvents = 5_000;

    private const int AtOnce = 500;
    private const string SubjectType = "webhook_delivery";

    /// <summary>409: nothing is sent there.</summary>
    public static ApiError IsDisabled { get; } = ApiErrors.Conflict("The endpoint is disabled; enable it first.");

    /// <summary>Sends an event that tells nothing.</summary>
    public Task<IResult> TestAsync(Guid tenantId, Guid endpointId, ChangeRequest<ShownDelivery> request) =>
        RunAsync(request, async (transaction, token) =>
        {
            if (await WebhookStore.LockAsync(transaction, tenantId, endpointId, token) is not { } endpoint)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (endpoint.Status != WebhookStatus.Enabled)
            {
                return IsDisabled;
            }

            var now = time.GetUtcNow();
            var test = new WebhookEvent(Guid.CreateVersion7(now), tenantId, WebhookTypes.Test, now, new JsonObject { ["webhook_id"] = endpointId.ToString() });
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "INSERT INTO webhook_events (id, tenant_id, type, endpoint_id, request_id, body, created_at) VALUES (@Id, @tenantId, @Type, @endpointId, @RequestId, @body, @now)",
                new { test.Id, tenantId, test.Type, endpointId, request.Audit.RequestId, body = test.Body(), now },
                transaction,
                cancellationToken: token));
            await QueueAsync(transaction, tenantId, endpointId, [test.Id], now, token);
            var delivery = (await FindAsync(transaction, "d.endpoint_id = @endpointId AND d.event_id = @Id", new { endpointId, test.Id }, token))!.Show();
            return new Changed<ShownDelivery>(delivery) { Event = request.Audit.About(SubjectType, delivery.Id).Made(delivery, LicensingJson.Default.ShownDelivery) };
        });

    /// <summary>Sends one delivery again, whatever became of it.</summary>
    public Task<IResult> RedeliverAsync(Guid tenantId, Guid id, ChangeRequest<ShownDelivery> request) =>
        RunAsync(request, async (transaction, token) =>
        {
            if (await FindAsync(transaction, "d.tenant_id = @tenantId AND d.id = @id", new { tenantId, id }, token) is not { } found
                || await WebhookStore.LockAsync(transaction, tenantId, found.EndpointId, token) is not { } endpoint)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (endpoint.Status != WebhookStatus.Enabled)
            {
                return IsDisabled;
            }

            await QueueAsync(transaction, tenantId, endpoint.Id, [found.EventId], time.GetUtcNow(), token);
            var again = (await FindAsync(transaction, "d.id = @id", new { id }, token))!.Show();
            return new Changed<ShownDelivery>(again)
            {
                Event = request.Audit.About(SubjectType, id).Changed(found.Show(), again, LicensingJson.Default.ShownDelivery),
            };
        });

    /// <summary>Sends all events of a time that the endpoint is subscribed to, also those of before it was there or while it was disabled, in their order.</summary>
    public Task<IResult> ReplayAsync(Guid tenantId, Guid endpointId, ReplayRequest wanted, ChangeRequest<StartedReplay> request) =>
        RunAsync(request, async (transaction, token) =>
        {
            if (await WebhookStore.LockAsync(transaction, tenantId, endpointId, token) is not { } endpoint)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (endpoint.Status != WebhookStatus.Enabled)
            {
                return IsDisabled;
            }

            var now = time.GetUtcNow();
            var types = JsonSerializer.Deserialize(endpoint.Events, LicensingJson.Default.IReadOnlyListString)!;
            var every = types.Contains(WebhookTypes.Every, StringComparer.Ordinal);
            var found = (await transaction.Connection!.QueryAsync<(Guid Id, DateTimeOffset At)>(new CommandDefinition(
                $"""
                SELECT id, created_at FROM webhook_events
                WHERE tenant_id = @tenantId AND created_at >= @From AND created_at < @to AND endpoint_id IS NULL {(every ? "" : "AND type IN @types")}
                ORDER BY created_at, position LIMIT @take
                """,
                new { tenantId, wanted.From, to = wanted.To ?? now.AddSeconds(1), types, take = MostEvents + 1 },
                transaction,
                cancellationToken: token))).AsList();
            DateTimeOffset? next = null;
            if (found.Count > MostEvents)
            {
                // Whole moments only, so that the next replay begins with none that this one has; unless one moment has them all.
                next = found[MostEvents].At;
                var whole = found.FindAll(one => one.At < next);
                (found, next) = whole.Count > 0 ? (whole, next) : (found.GetRange(0, MostEvents), next.Value.AddTicks(TimeSpan.TicksPerMicrosecond));
            }

            foreach (var chunk in found.Chunk(AtOnce))
            {
                await QueueAsync(transaction, tenantId, endpointId, [.. chunk.Select(one => one.Id)], now, token);
            }

            var started = new StartedReplay(found.Count, next);
            return new Changed<StartedReplay>(started) { Event = request.Audit.About(WebhookStore.SubjectType, endpointId).Made(started, LicensingJson.Default.StartedReplay) };
        });

    /// <summary>Has events delivered, for the first time or again. The endpoint's row is locked.</summary>
    private static async Task QueueAsync(
        DbTransaction transaction, Guid tenantId, Guid endpointId, IReadOnlyList<Guid> events, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ids = events.Select(id => id.ToString());
        var known = (await transaction.Connection!.QueryAsync<(Guid Id, string Type, long Position, bool IsThere)>(new CommandDefinition(
            """
            SELECT e.id, e.type, CAST(e.position AS SIGNED), d.id IS NOT NULL
            FROM webhook_events e LEFT JOIN webhook_deliveries d ON d.endpoint_id = @endpointId AND d.event_id = e.id
            WHERE e.id IN @ids ORDER BY e.position
            """,
            new { endpointId, ids },
            transaction,
            cancellationToken: cancellationToken))).AsList();
        var sql = new InterpolatedSql();
        if (known.FindAll(one => !one.IsThere) is { Count: > 0 } missing)
        {
            sql.Add($"INSERT INTO webhook_deliveries (id, endpoint_id, tenant_id, event_id, event_type, event_position, status, next_attempt_at, created_at, updated_at) VALUES ")
                .AddJoined(missing.Select(one => (FormattableString)
                    $"({Guid.CreateVersion7(now)}, {endpointId}, {tenantId}, {one.Id}, {one.Type}, {one.Position}, {DeliveryStatus.Pending}, {now}, {now}, {now})"))
                .Add($";\n");
        }

        if (known.FindAll(one => one.IsThere) is { Count: > 0 } again)
        {
            sql.Add(
                $"""
                UPDATE webhook_deliveries SET status = {DeliveryStatus.Pending}, series_start = attempts, next_attempt_at = {now}, updated_at = {now}
                WHERE endpoint_id = {endpointId} AND event_id IN {again.Select(one => one.Id.ToString())};

                """);
        }

        sql.Add($"UPDATE webhook_endpoints SET due_at = LEAST(COALESCE(due_at, {now}), {now}), failures = 0, paused_until = NULL WHERE id = {endpointId}");
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(sql.Text, sql.Parameters, transaction, cancellationToken: cancellationToken));
    }

    private static Task<DeliveryRow?> FindAsync(DbTransaction transaction, string which, object parameters, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<DeliveryRow?>(new CommandDefinition(
            $"SELECT {DeliveryRow.Columns} FROM webhook_deliveries d WHERE {which}", parameters, transaction, cancellationToken: cancellationToken));

    private async Task<IResult> RunAsync<T>(ChangeRequest<T> request, Func<DbTransaction, CancellationToken, Task<Changed<T>>> work)
        where T : class
    {
        var result = await changes.InPlatformAsync(request, work);
        wakeup.Signal(WebhookIntake.WakeupChannel);
        return result;
    }
}
