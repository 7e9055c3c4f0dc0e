using System.Globalization;
using Dapper;
using ValidonX.Platform.Alerts;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Plans;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Alerts;

/// <summary>Reads of the platform database what alerts are judged by.</summary>
internal sealed class AlertFacts(PlatformDatabase platform)
{
    private const int AtOnce = 500;

    /// <summary>The alerts that are held.</summary>
    public async Task<IReadOnlyList<HeldAlert>> HeldAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<HeldAlert>(new CommandDefinition($"SELECT {HeldAlert.Columns} FROM alerts WHERE is_held = 1", cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>Tenants in service with their thresholds and what they have used of their month.</summary>
    public async Task<IReadOnlyList<JudgedTenant>> TenantsAsync(IReadOnlyCollection<Guid> ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var tenants = new List<JudgedTenant>(ids.Count);
        var month = new DateTime(now.UtcDateTime.Year, now.UtcDateTime.Month, 1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await using var connection = await platform.OpenAsync(cancellationToken);
        foreach (var some in ids.Chunk(AtOnce))
        {
            tenants.AddRange(await connection.QueryAsync<JudgedTenant>(new CommandDefinition(
                $"""
                SELECT t.id, t.slug,
                  COALESCE(o.noisy_percent, p.noisy_percent) AS noisy_percent, COALESCE(o.noisy_requests, p.noisy_requests) AS noisy_requests,
                  COALESCE(o.error_percent, p.error_percent) AS error_percent, COALESCE(o.p95_ms, p.p95_ms) AS p95_ms,
                  COALESCE(o.minimum_requests, p.minimum_requests) AS minimum_requests, COALESCE(o.queue_age_s, p.queue_age_s) AS queue_age_s,
                  COALESCE(o.quota_percent, p.quota_percent) AS quota_percent,
                  {MonthlyCalls.Columns}
                FROM tenants t
                LEFT JOIN tenant_alert_thresholds o ON o.tenant_id = t.id
                LEFT JOIN plan_alert_thresholds p ON p.plan_code = t.plan_code
                {MonthlyCalls.Joins}
                WHERE t.id IN @ids AND t.status = 'active'
                """,
                new { ids = some.Select(id => id.ToString()), month },
                cancellationToken: cancellationToken)));
        }

        return tenants;
    }

    /// <summary>What is wrong without anything to measure.</summary>
    public async Task<IReadOnlyList<Condition>> FailuresAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT t.id, t.slug FROM tenants t JOIN provisioning_runs r ON r.tenant_id = t.id WHERE t.status = 'provisioning' AND r.status = 'failed';
            SELECT t.id, t.slug, e.id FROM webhook_endpoints e JOIN tenants t ON t.id = e.tenant_id
            WHERE e.status = '{WebhookStatus.Disabled}' AND e.disabled_reason IN ('{DisabledReason.Gone}', '{DisabledReason.Failing}') AND t.status = 'active'
            """,
            cancellationToken: cancellationToken));
        var runs = (await rows.ReadAsync<(Guid Id, string Slug)>()).Select(run => Of(AlertKinds.ProvisioningFailed, run.Id, run.Slug, "")).ToList();
        return [.. runs, .. (await rows.ReadAsync<(Guid Id, string Slug, Guid Endpoint)>()).Select(hook => Of(AlertKinds.WebhookDisabled, hook.Id, hook.Slug, hook.Endpoint.ToString()))];

        static Condition Of(string kind, Guid tenantId, string slug, string subject) => new(new AlertKey(tenantId, kind, subject), slug, 1, 1);
    }
}
