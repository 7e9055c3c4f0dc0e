using System.Text.Json;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Tenants;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>
/// Makes deliveries of events: one for each endpoint that is enabled and subscribed, once, under a unique index over endpoint and event. A tenant at a time and a few events of it, so that one with many keeps nobody
/// waiting. Any number of processes may do so.
/// </summary>
internal sealed class WebhookFanOut(PlatformDatabase platform, TimeProvider time)
{
    private const int MostTenants = 100;
    private const int MostEvents = 200;

    /// <summary>Makes the deliveries of the first events of each tenant that has some.</summary>
    /// <returns>Whether there may be more, and whether any delivery was made.</returns>
    public async Task<(bool More, bool Made)> RunAsync(CancellationToken cancellationToken)
    {
        List<Guid> tenants;
        await using (var connection = await platform.OpenAsync(cancellationToken))
        {
            tenants = (await connection.QueryAsync<Guid>(new CommandDefinition(
                "SELECT DISTINCT tenant_id FROM webhook_events WHERE pending = 1 LIMIT @MostTenants", new { MostTenants }, cancellationToken: cancellationToken))).AsList();
        }

        var (more, made) = (tenants.Count == MostTenants, false);
        foreach (var tenant in tenants)
        {
            var (events, deliveries) = await platform.TransactAsync((transaction, token) => OfTenantAsync(transaction, tenant, token), cancellationToken);
            more |= events == MostEvents;
            made |= deliveries > 0;
        }

        return (more, made);
    }

    private async Task<(int Events, int Deliveries)> OfTenantAsync(System.Data.Common.DbTransaction transaction, Guid tenantId, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        // Endpoints first, in the order of their ids: so two who make deliveries of one tenant take turns, and who is about to give a turn back waits.
        var endpoints = (await connection.QueryAsync<Endpoint>(new CommandDefinition(
            $"""
            SELECT e.id, e.events FROM webhook_endpoints e
            WHERE e.tenant_id = @tenantId AND e.status = '{WebhookStatus.Enabled}' AND (SELECT t.status FROM tenants t WHERE t.id = e.tenant_id) <> '{TenantStatus.Closed}'
            ORDER BY e.id FOR UPDATE
            """,
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken))).AsList();
        var events = (await connection.QueryAsync<(long Position, Guid Id, string Type)>(new CommandDefinition(
            "SELECT CAST(position AS SIGNED), id, type FROM webhook_events WHERE pending = 1 AND tenant_id = @tenantId ORDER BY position LIMIT @MostEvents FOR UPDATE",
            new { tenantId, MostEvents },
            transaction,
            cancellationToken: cancellationToken))).AsList();
        if (events.Count == 0)
        {
            return (0, 0);
        }

        var now = time.GetUtcNow();
        var deliveries = (from happened in events from endpoint in endpoints where WebhookTypes.Covers(endpoint.Types, happened.Type) select (endpoint, happened)).ToList();
        var sql = new InterpolatedSql();
        if (deliveries.Count > 0)
        {
            sql.Add($"INSERT INTO webhook_deliveries (id, endpoint_id, tenant_id, event_id, event_type, event_position, status, next_attempt_at, created_at, updated_at) VALUES ")
                .AddJoined(deliveries.Select(one => (FormattableString)
                    $"({Guid.CreateVersion7(now)}, {one.endpoint.Id}, {tenantId}, {one.happened.Id}, {one.happened.Type}, {one.happened.Position}, {DeliveryStatus.Pending}, {now}, {now}, {now})"))
                .Add(
                    $"""
                     ON DUPLICATE KEY UPDATE webhook_deliveries.id = webhook_deliveries.id;
                    UPDATE webhook_endpoints SET due_at = LEAST(COALESCE(due_at, {now}), {now}) WHERE id IN {deliveries.Select(one => one.endpoint.Id.ToString()).Distinct().ToList()};

                    """);
        }

        sql.Add($"UPDATE webhook_events SET pending = NULL WHERE position IN {events.Select(one => one.Position).ToList()}");
        await connection.ExecuteAsync(new CommandDefinition(sql.Text, sql.Parameters, transaction, cancellationToken: cancellationToken));
        return (events.Count, deliveries.Count);
    }

    private sealed record Endpoint
    {
        private IReadOnlyList<string>? _types;

        public Guid Id { get; init; }

        public string Events { get; init; } = "[]";

        public IReadOnlyList<string> Types => _types ??= JsonSerializer.Deserialize<string[]>(Events)!;
    }
}
