using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Alerts;

/// <summary>Keeps operators' thresholds of tenants and of plans. The provisioner's next look judges by them.</summary>
internal sealed class ThresholdStore(PlatformDatabase platform, StateChanges changes, TimeProvider time)
{
    private const string Columns = "o.noisy_percent, o.noisy_requests, o.error_percent, o.p95_ms, o.minimum_requests, o.queue_age_s, o.quota_percent";
    private const string SelectConfigured = $"SELECT {Columns} FROM platform_alert_thresholds o WHERE o.id = 1";

    /// <summary>Those of a tenant, or <see langword="null"/> when there is no such tenant.</summary>
    public Task<AlertThresholds?> OfTenantAsync(Guid id, CancellationToken cancellationToken) => FindAsync(Owner.OfTenant(id), cancellationToken);

    /// <summary>Those of a plan, or <see langword="null"/> when there is no such plan.</summary>
    public Task<AlertThresholds?> OfPlanAsync(string code, CancellationToken cancellationToken) => FindAsync(Owner.OfPlan(code), cancellationToken);

    /// <summary>Those that a tenant is judged by, or <see langword="null"/> when there is no such tenant.</summary>
    public async Task<EffectiveThresholds?> InForceOfTenantAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            {Select(Owner.OfTenant(id))};
            SELECT {Columns} FROM tenants w JOIN plan_alert_thresholds o ON o.plan_code = w.plan_code WHERE w.id = @Id;
            {SelectConfigured}
            """,
            new { Id = id.ToString() },
            cancellationToken: cancellationToken));
        return await rows.ReadSingleOrDefaultAsync<AlertThresholds?>() is { } own
            ? EffectiveThresholds.Of(
                (ThresholdSource.Tenant, own), (ThresholdSource.Plan, await rows.ReadSingleOrDefaultAsync<AlertThresholds?>()), (ThresholdSource.Platform, await rows.ReadSingleOrDefaultAsync<AlertThresholds?>()))
            : null;
    }

    /// <summary>Those that the tenants of a plan are judged by that have none of their own, or <see langword="null"/> when there is no such plan.</summary>
    public async Task<EffectiveThresholds?> InForceOfPlanAsync(string code, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"{Select(Owner.OfPlan(code))}; {SelectConfigured}", new { Id = code }, cancellationToken: cancellationToken));
        return await rows.ReadSingleOrDefaultAsync<AlertThresholds?>() is { } own
            ? EffectiveThresholds.Of((ThresholdSource.Plan, own), (ThresholdSource.Platform, await rows.ReadSingleOrDefaultAsync<AlertThresholds?>()))
            : null;
    }

    /// <summary>Replaces all those of a tenant.</summary>
    public Task<IResult> ReplaceOfTenantAsync(Guid id, AlertThresholds thresholds, ChangeRequest<AlertThresholds> request) => ReplaceAsync(Owner.OfTenant(id), thresholds, request);

    /// <summary>Replaces all those of a plan.</summary>
    public Task<IResult> ReplaceOfPlanAsync(string code, AlertThresholds thresholds, ChangeRequest<AlertThresholds> request) => ReplaceAsync(Owner.OfPlan(code), thresholds, request);

    private async Task<AlertThresholds?> FindAsync(Owner owner, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, owner, cancellationToken);
    }

    private Task<IResult> ReplaceAsync(Owner owner, AlertThresholds thresholds, ChangeRequest<AlertThresholds> request) =>
        changes.InPlatformAsync<AlertThresholds>(request, async (transaction, token) =>
        {
            var connection = transaction.Connection!;
            await connection.ExecuteAsync(new CommandDefinition(
                $"SELECT 1 FROM {owner.Table} WHERE {owner.Key} = @Id FOR UPDATE", new { owner.Id }, transaction, cancellationToken: token));
            if (await FindAsync(connection, transaction, owner, token) is not { } before)
            {
                return owner.NotFound;
            }

            await connection.ExecuteAsync(new CommandDefinition(
                $"""
                REPLACE INTO {owner.Thresholds} ({owner.ThresholdsKey}, noisy_percent, noisy_requests, error_percent, p95_ms, minimum_requests, queue_age_s, quota_percent, updated_at)
                VALUES (@Id, @NoisyPercent, @NoisyRequests, @ErrorPercent, @P95Ms, @MinimumRequests, @QueueAgeS, @QuotaPercent, @now)
                """,
                new
                {
                    owner.Id,
                    thresholds.NoisyPercent,
                    thresholds.NoisyRequests,
                    thresholds.ErrorPercent,
                    thresholds.P95Ms,
                    thresholds.MinimumRequests,
                    thresholds.QueueAgeS,
                    thresholds.QuotaPercent,
                    now = time.GetUtcNow(),
                },
                transaction,
                cancellationToken: token));
            return new Changed<AlertThresholds>(thresholds)
            {
                Event = (request.Audit with { SubjectType = owner.SubjectType, SubjectId = owner.Id }).Changed(before, thresholds, LicensingJson.Default.AlertThresholds),
            };
        });

    private static Task<AlertThresholds?> FindAsync(DbConnection connection, DbTransaction? transaction, Owner owner, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<AlertThresholds?>(new CommandDefinition(
            Select(owner),
            new { owner.Id },
            transaction,
            cancellationToken: cancellationToken));

    private static string Select(Owner owner) =>
        $"SELECT {Columns} FROM {owner.Table} w LEFT JOIN {owner.Thresholds} o ON o.{owner.ThresholdsKey} = w.{owner.Key} WHERE w.{owner.Key} = @Id";

    /// <summary>Whose thresholds, and where they lie: names of tables and columns, which nobody else chooses.</summary>
    private sealed record Owner(string Table, string Key, string Thresholds, string ThresholdsKey, string Id, string SubjectType, ApiError NotFound)
    {
        public static Owner OfTenant(Guid id) => new("tenants", "id", "tenant_alert_thresholds", "tenant_id", id.ToString(), "tenant", ApiErrors.TenantNotFound);

        public static Owner OfPlan(string code) => new("plans", "code", "plan_alert_thresholds", "plan_code", code, "plan", ApiErrors.ResourceNotFound);
    }
}
