using System.Data.Common;
using System.Globalization;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Tenants;

namespace ValidonX.Platform.Plans;

/// <summary>
/// Brings what a tenant's plan allows, with an operator's overrides, into the tenant's own database. Whoever does it takes the tenant's turn first and
/// reads the plan then, so that of two at once the later one reads what the earlier one may have missed: the last to write has the newest.
/// </summary>
public sealed class TenantPlans(PlatformDatabase platform, TenantDatabases databases, TimeProvider time)
{
    private const string Effective =
        """
        SELECT p.code, p.kind, p.value, 'plan' AS source FROM plan_entitlements p
        WHERE p.plan_code = @planCode AND p.code NOT IN (SELECT f.code FROM feature_flags f WHERE f.tenant_id = @tenantId)
        UNION ALL
        SELECT f.code, f.kind, f.value, 'override' FROM feature_flags f WHERE f.tenant_id = @tenantId
        """;

    /// <summary>What a tenant is allowed on a plan.</summary>
    public static async Task<IReadOnlyList<TenantEntitlement>> ReadAsync(
        DbConnection platform, DbTransaction? transaction, Guid tenantId, string planCode, CancellationToken cancellationToken) =>
        (await platform.QueryAsync<TenantEntitlement>(new CommandDefinition(Effective, new { tenantId, planCode }, transaction, cancellationToken: cancellationToken))).AsList();

    /// <summary>
    /// Writes the tenant's entitlements anew. Which plan they are of is for the caller to note with <see cref="Applied"/>, and then to announce.
    /// </summary>
    /// <returns>The plan, or <see langword="null"/> for a tenant without a database to write to: one that is still to be provisioned, or closed.</returns>
    /// <exception cref="DbException">A database does not answer; what was there stays.</exception>
    public async Task<TenantPlan?> ApplyAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var tenant = await connection.QuerySingleOrDefaultAsync<Tenant>(new CommandDefinition(
            $"SELECT {Tenant.Columns} FROM tenants WHERE id = @tenantId", new { tenantId }, cancellationToken: cancellationToken));
        if (tenant is not { Placement: { } placement, Status: TenantStatus.Active or TenantStatus.Suspended })
        {
            return null;
        }

        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await scope.TransactAsync((transaction, token) => WriteAsync(transaction, connection, tenantId, token), cancellationToken);
    }

    /// <summary>The statement that notes which plan's entitlements are in the tenant's database, unless the tenant has another plan meanwhile.</summary>
    public static FormattableString Applied(Guid tenantId, TenantPlan plan) =>
        $"UPDATE tenants SET plan_version = {plan.Version} WHERE id = {tenantId} AND plan_code = {plan.Code}";

    /// <summary>Whether what the tenant's database holds is not its plan as it is now.</summary>
    public async Task<bool> IsBehindAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM tenants t JOIN plans p ON p.code = t.plan_code AND p.version <> t.plan_version WHERE t.id = @tenantId)",
            new { tenantId },
            cancellationToken: cancellationToken));
    }

    /// <summary>Notes which plan's entitlements are in the tenant's database, unless the tenant has another plan meanwhile.</summary>
    public async Task NoteAsync(Guid tenantId, TenantPlan plan, CancellationToken cancellationToken)
    {
        var sql = new InterpolatedSql().Add(Applied(tenantId, plan));
        await using var connection = await platform.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(sql.Text, sql.Parameters, cancellationToken: cancellationToken));
    }

    private async Task<TenantPlan> WriteAsync(DbTransaction transaction, DbConnection platformConnection, Guid tenantId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var scope = transaction.Connection!;
        await scope.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO settings (name, value, updated_at) VALUES ('plan.applied', '""', @now)
            ON DUPLICATE KEY UPDATE updated_at = @now
            """,
            new { now },
            transaction,
            cancellationToken: cancellationToken));

        // The version first: entitlements that are newer than it are written once more, never taken for what they are not.
        var plan = await platformConnection.QuerySingleAsync<TenantPlan>(new CommandDefinition(
            "SELECT p.code, CAST(p.version AS SIGNED) AS version FROM tenants t JOIN plans p ON p.code = t.plan_code WHERE t.id = @tenantId",
            new { tenantId },
            cancellationToken: cancellationToken));
        var entitlements = await ReadAsync(platformConnection, null, tenantId, plan.Code, cancellationToken);
        var parameters = new DynamicParameters(new { now, codes = entitlements.Select(one => one.Code).Append(""), plan = $"\"{plan.Code}\"" });
        var values = new List<string>();
        foreach (var (index, entitlement) in entitlements.Index())
        {
            var i = index.ToString(CultureInfo.InvariantCulture);
            parameters.Add($"code{i}", entitlement.Code);
            parameters.Add($"kind{i}", entitlement.Kind);
            parameters.Add($"value{i}", entitlement.Json);
            parameters.Add($"source{i}", entitlement.Source);
            values.Add($"('', @code{i}, @kind{i}, @value{i}, 1, @source{i}, @now)");
        }

        var insert = values.Count == 0 ? "" :
            $"""
            INSERT INTO entitlements (license_id, code, kind, value, hard_limit, source, updated_at) VALUES {string.Join(", ", values)}
            ON DUPLICATE KEY UPDATE kind = VALUES(kind), value = VALUES(value), hard_limit = VALUES(hard_limit), source = VALUES(source), updated_at = VALUES(updated_at);
            """;
        await scope.ExecuteAsync(new CommandDefinition(
            $"""
            DELETE FROM entitlements WHERE license_id = '' AND code NOT IN @codes;
            {insert}
            UPDATE settings SET value = @plan WHERE name = 'plan.applied'
            """,
            parameters,
            transaction,
            cancellationToken: cancellationToken));
        return plan;
    }
}
