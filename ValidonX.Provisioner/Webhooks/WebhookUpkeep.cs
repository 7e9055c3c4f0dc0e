using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>Deletes what was kept for long enough of what was delivered, and what belongs to endpoints that were deleted; a few rows at a time.</summary>
internal sealed class WebhookUpkeep(PlatformDatabase platform, IOptions<WebhookOptions> options, TimeProvider time)
{
    private const int AtOnce = 500;

    /// <summary>Deletes all of it.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - options.Value.Keep;
        await DeleteDeliveriesAsync("SELECT id FROM webhook_deliveries WHERE created_at <= @before AND updated_at <= @before LIMIT @AtOnce", before, cancellationToken);
        await DeleteDeliveriesAsync(
            $"SELECT d.id FROM webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id WHERE e.status = '{WebhookStatus.Deleted}' LIMIT @AtOnce", before, cancellationToken);
        await using var connection = await platform.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            DELETE e FROM webhook_endpoints e LEFT JOIN webhook_deliveries d ON d.endpoint_id = e.id
            WHERE e.status = '{WebhookStatus.Deleted}' AND (e.lease_until IS NULL OR e.lease_until < @now) AND d.id IS NULL
            """,
            new { now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
        var statement = new CommandDefinition($"DELETE FROM webhook_events WHERE created_at <= @before LIMIT {AtOnce}", new { before }, cancellationToken: cancellationToken);
        while (await connection.ExecuteAsync(statement) == AtOnce)
        {
            // Short transactions, so that nobody waits long for the locks.
        }
    }

    private async Task DeleteDeliveriesAsync(string which, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        while (true)
        {
            var found = (await connection.QueryAsync<Guid>(new CommandDefinition(which, new { before, AtOnce }, cancellationToken: cancellationToken))).AsList();
            if (found.Count == 0)
            {
                return;
            }

            var ids = found.Select(id => id.ToString());
            // One that was tried meanwhile keeps its newest try by the foreign key: the next round sees it.
            await connection.ExecuteAsync(new CommandDefinition(
                "DELETE FROM webhook_attempts WHERE delivery_id IN @ids; DELETE FROM webhook_deliveries WHERE id IN @ids", new { ids }, cancellationToken: cancellationToken));
        }
    }
}
