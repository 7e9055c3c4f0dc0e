using System.Globalization;
using Dapper;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 6: what the tenant's plan allows, with an operator's overrides, in the tenant's own database.</summary>
internal sealed class EntitlementsStage(TimeProvider time) : ProvisioningStageStep(ProvisioningStages.Entitlements)
{
    private const string BooleanKind = "boolean";

    public override async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var entitlements = (await context.Platform.QueryAsync<Entitlement>(new CommandDefinition(
            """
            SELECT p.code, p.kind, p.value, 'plan' AS source FROM plan_entitlements p
            WHERE p.plan_code = @PlanCode AND p.code NOT IN (SELECT f.code FROM feature_flags f WHERE f.tenant_id = @Id)
            UNION ALL
            SELECT f.code, f.kind, f.value, 'override' FROM feature_flags f WHERE f.tenant_id = @Id
            """,
            new { context.Tenant.Id, context.Tenant.PlanCode },
            cancellationToken: cancellationToken))).AsList();

        var rows = new DynamicParameters(new { now = time.GetUtcNow() });
        var values = new List<string>();
        foreach (var (index, entitlement) in entitlements.Index())
        {
            var i = index.ToString(CultureInfo.InvariantCulture);
            rows.Add($"code{i}", entitlement.Code);
            rows.Add($"kind{i}", entitlement.Kind);
            rows.Add($"value{i}", entitlement.Json);
            rows.Add($"source{i}", entitlement.Source);
            values.Add($"('', @code{i}, @kind{i}, @value{i}, 1, @source{i}, @now)");
        }

        var scope = await context.EnterScopeAsync(cancellationToken);
        await scope.ExecuteAsync(new CommandDefinition(
            $"""
            INSERT INTO entitlements (license_id, code, kind, value, hard_limit, source, updated_at) VALUES {string.Join(", ", values)}
            ON DUPLICATE KEY UPDATE license_id = license_id
            """,
            rows,
            cancellationToken: cancellationToken));
    }

    private sealed record Entitlement
    {
        public required string Code { get; init; }

        public required string Kind { get; init; }

        public long? Value { get; init; }

        public required string Source { get; init; }

        /// <summary>As the tenant's database keeps it; <see langword="null"/> is "unlimited".</summary>
        public string? Json => Kind == BooleanKind ? (Value is > 0 ? "true" : "false") : Value?.ToString(CultureInfo.InvariantCulture);
    }
}
