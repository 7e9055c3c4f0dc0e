using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Tenants;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>
/// Gives endpoints their turns: of those with something due the one that was served least recently first, a tenant's second one behind every tenant's first. In all processes together an endpoint is
/// served by one at a time. What a process had when it died, another has when the lease is over.
/// </summary>
internal sealed class EndpointTurns(PlatformDatabase platform, TimeProvider time)
{
    /// <summary>How long a turn is nobody else's; longer than it can take.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(90);

    private const string IsFree =
        $"""
        e.due_at <= @now AND e.status = '{WebhookStatus.Enabled}' AND (e.lease_until IS NULL OR e.lease_until <= @now) AND (e.paused_until IS NULL OR e.paused_until <= @now)
        """;

    private const string Columns =
        """
        e.id, e.tenant_id, t.slug AS tenant_slug, t.plan_code AS tenant_plan, e.url, e.is_ordered, CAST(e.failures AS SIGNED) AS failures, e.sealed_secret, e.sealed_signing_key,
          e.previous_sealed_secret, e.previous_sealed_signing_key, e.previous_until, e.lease_id, e.lease_until
        FROM webhook_endpoints e JOIN tenants t ON t.id = e.tenant_id
        """;

    /// <summary>Endpoints that have something due and are nobody's, in the order in which they are to be served.</summary>
    /// <param name="most">At most so many.</param>
    /// <param name="perTenant">Of one tenant at most so many.</param>
    /// <param name="without">Tenants that have as many turns as they may.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<(Guid Id, Guid TenantId)>> FindAsync(int most, int perTenant, IReadOnlyCollection<Guid> without, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<(Guid, Guid)>(new CommandDefinition(
            $"""
            SELECT id, tenant_id FROM (
              SELECT e.id, e.tenant_id, e.served_at, ROW_NUMBER() OVER (PARTITION BY e.tenant_id ORDER BY e.served_at, e.id) AS turn
              FROM webhook_endpoints e JOIN tenants t ON t.id = e.tenant_id
              WHERE {IsFree} AND t.status <> '{TenantStatus.Closed}' {(without.Count == 0 ? "" : "AND e.tenant_id NOT IN @without")}
            ) due
            WHERE turn <= @perTenant ORDER BY turn, served_at LIMIT @most
            """,
            new { now = time.GetUtcNow(), most, perTenant, without = without.Select(id => id.ToString()) },
            cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>Takes a turn; <see langword="null"/> when somebody else has.</summary>
    public async Task<EndpointTurn?> TakeAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var lease = Guid.CreateVersion7(now);
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<EndpointTurn?>(new CommandDefinition(
            $"""
            UPDATE webhook_endpoints e SET lease_id = @lease, lease_until = @until, served_at = @now WHERE e.id = @id AND {IsFree};
            SELECT {Columns} WHERE e.id = @id AND e.lease_id = @lease
            """,
            new { id, lease, until = now + Lease, now },
            cancellationToken: cancellationToken));
    }

    /// <summary>The deliveries to make next: those that are due; in order, the first of all, if it is due. With them the endpoint as it is now.</summary>
    /// <returns>The turn as it is to go on; <see langword="null"/> when it is not ours any more, or the endpoint is not in service.</returns>
    public async Task<(EndpointTurn? Turn, IReadOnlyList<WaitingDelivery> Due)> NextAsync(EndpointTurn turn, int most, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var order = turn.IsOrdered ? "d.event_position" : "d.next_attempt_at, d.event_position";
        await using var connection = await platform.OpenAsync(cancellationToken);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT {Columns} WHERE e.id = @Id AND e.lease_id = @LeaseId AND e.status = '{WebhookStatus.Enabled}' AND t.status <> '{TenantStatus.Closed}';
            SELECT d.id, d.event_id, d.event_type, CAST(d.attempts AS SIGNED) AS attempts, CAST(d.series_start AS SIGNED) AS series_start, d.next_attempt_at, e.body, e.request_id
            FROM webhook_deliveries d LEFT JOIN webhook_events e ON e.id = d.event_id
            WHERE d.endpoint_id = @Id AND d.status = '{DeliveryStatus.Pending}' {(turn.IsOrdered ? "" : "AND d.next_attempt_at <= @now")}
            ORDER BY {order} LIMIT @most
            """,
            new { turn.Id, turn.LeaseId, now, most = turn.IsOrdered ? 1 : most },
            cancellationToken: cancellationToken));
        var fresh = await rows.ReadSingleOrDefaultAsync<EndpointTurn>();
        var found = (await rows.ReadAsync<WaitingDelivery>()).AsList();
        return (fresh?.IsOrdered == turn.IsOrdered ? fresh : null, found.TrueForAll(one => one.NextAttemptAt <= now) ? found : []);
    }

    /// <summary>Gives a turn back; the endpoint has its next one when something is due.</summary>
    /// <param name="turn">Whose it was.</param>
    /// <param name="notBefore">Not before that moment, whatever is due.</param>
    public Task GiveBackAsync(EndpointTurn turn, DateTimeOffset? notBefore) =>
        platform.TransactAsync(
            async (transaction, token) =>
            {
                var connection = transaction.Connection!;
                var isOrdered = await connection.QuerySingleOrDefaultAsync<bool?>(new CommandDefinition(
                    "SELECT is_ordered FROM webhook_endpoints WHERE id = @Id AND lease_id = @LeaseId FOR UPDATE", new { turn.Id, turn.LeaseId }, transaction, cancellationToken: token));
                if (isOrdered is null)
                {
                    return;
                }

                // Under the lock, and therefore with all that was added before: who adds deliveries locks the endpoint first.
                var due = await connection.QuerySingleOrDefaultAsync<DateTimeOffset?>(new CommandDefinition(
                    $"""
                    SELECT next_attempt_at FROM webhook_deliveries WHERE endpoint_id = @Id AND status = '{DeliveryStatus.Pending}'
                    ORDER BY {(isOrdered.Value ? "event_position" : "next_attempt_at")} LIMIT 1
                    """,
                    new { turn.Id },
                    transaction,
                    cancellationToken: token));
                await connection.ExecuteAsync(new CommandDefinition(
                    "UPDATE webhook_endpoints SET lease_id = NULL, lease_until = NULL, due_at = @due WHERE id = @Id",
                    new { turn.Id, due = due is { } at && at < notBefore ? notBefore : due },
                    transaction,
                    cancellationToken: token));
            },
            CancellationToken.None);

    /// <summary>How many endpoints wait for a turn, for how long the first of them has, and how many are paused because they fail.</summary>
    public async Task<(long Waiting, double Seconds, long Paused)> BacklogAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var connection = await platform.OpenAsync(cancellationToken);
        var (waiting, since, paused) = await connection.QuerySingleAsync<(long, DateTimeOffset?, long)>(new CommandDefinition(
            $"""
            SELECT COUNT(IF({IsFree}, 1, NULL)), MIN(IF({IsFree}, e.due_at, NULL)), COUNT(IF(e.paused_until > @now, 1, NULL))
            FROM webhook_endpoints e WHERE e.status = '{WebhookStatus.Enabled}' AND e.due_at <= @now
            """,
            new { now },
            cancellationToken: cancellationToken));
        return (waiting, since is { } first ? Math.Max(0, (now - first).TotalSeconds) : 0, paused);
    }
}
