using Dapper;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Outbox;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Webhooks;
using ValidonX.Provisioner.Webhooks;

namespace ValidonX.Provisioner.Outbox;

/// <summary>
/// Carries a tenant's events into the platform's audit log, and with them what webhooks tell: written there first, under their own ids, then taken out of the outbox. A process that
/// dies in between leaves them in both places, and the next one writes them once more without effect. Two at the same time do no harm.
/// </summary>
internal sealed class TenantDrain(
    PlatformDatabase platform, TenantDatabases databases, AuditLog audit, ExpiringLicenses expiring, OutboxMetrics metrics, IWakeup wakeup, TimeProvider time)
{
    /// <summary>Most events in one go, so that a tenant with many of them does not keep the others waiting.</summary>
    public const int MostEvents = 200;

    // A table that somebody has locked must not hold up the tenants behind it for long.
    private const int PatienceSeconds = 5;

    /// <summary>Carries the first events over; whether there may be more.</summary>
    public async Task<bool> DrainAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var events = await TenantOutbox.ReadAsync(scope, MostEvents, PatienceSeconds, cancellationToken);
        if (events.Count > 0)
        {
            await platform.TransactAsync(
                (transaction, token) => audit.WriteAsync(transaction, events.Select(one => one.ToAudit(placement.TenantId)), token), cancellationToken);
            await TenantOutbox.RemoveAsync(scope, events, PatienceSeconds, cancellationToken);
            metrics.Drained(events, time.GetUtcNow());
            if (events.Any(one => WebhookMapping.Knows(one.Type)))
            {
                wakeup.Signal(WebhookIntake.WakeupChannel);
            }
        }

        string[] changed = [.. events.Where(one => one is { SubjectType: "license", SubjectId: not null, Type: not WebhookTypes.LicenseExpiring }).Select(one => one.SubjectId!).Distinct()];
        var isTold = await expiring.LookAsync(scope, changed, cancellationToken);
        await scope.Connection.ExecuteAsync(new CommandDefinition(
            "DELETE FROM idempotent_answers WHERE expires_at < UTC_TIMESTAMP(6) LIMIT 1000",
            commandTimeout: PatienceSeconds,
            cancellationToken: cancellationToken));
        return events.Count == MostEvents || isTold;
    }
}
