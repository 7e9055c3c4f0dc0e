using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>Reads tenants for operators.</summary>
internal sealed class TenantQueries(PlatformDatabase platform)
{
    /// <summary>Whether there is such a tenant.</summary>
    public async Task<bool> ExistsAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            "SELECT 1 FROM tenants WHERE id = @id",
            new { id },
            cancellationToken: cancellationToken)) is not null;
    }

    /// <summary>The tenant's row, or <see langword="null"/>.</summary>
    public async Task<Tenant?> FindRowAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindRowAsync(connection, null, id, cancellationToken);
    }

    /// <summary>One tenant with its run, or <see langword="null"/>.</summary>
    public async Task<TenantWithRun?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, id, cancellationToken);
    }

    /// <summary>One tenant with its run, also as a transaction has just made them, or <see langword="null"/>.</summary>
    public static async Task<TenantWithRun?> FindAsync(DbConnection connection, DbTransaction? transaction, Guid id, CancellationToken cancellationToken) =>
        await FindRowAsync(connection, transaction, id, cancellationToken) is { } tenant
            ? new TenantWithRun(ShownTenant.Of(tenant), await ProvisioningRuns.FindAsync(connection, transaction, id, cancellationToken) is { } run ? ShownRun.Of(run) : null)
            : null;

    /// <summary>The tenant's row, locked until the transaction ends, or <see langword="null"/>.</summary>
    public static Task<Tenant?> LockAsync(DbTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<Tenant?>(new CommandDefinition(
            $"SELECT {Tenant.Columns} FROM tenants WHERE id = @id FOR UPDATE",
            new { id },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>One page, newest first. The search looks into names, slugs and ids.</summary>
    public async Task<(IReadOnlyList<ShownTenant> Items, string? NextCursor)> ListAsync(TenantFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        var conditions = new SqlConditions();
        conditions.Add("status = @Status", filter.Status is not null);
        conditions.Add("CONVERT(plan_code USING utf8mb4) = @Plan", filter.Plan is not null);
        conditions.Add("(name LIKE @pattern OR CONVERT(slug USING utf8mb4) LIKE @pattern OR CONVERT(id USING utf8mb4) = @Search)", filter.Search is not null);
        conditions.Add($"{(filter.Health == TenantFilter.Well ? "NOT " : "")}EXISTS (SELECT 1 FROM alerts WHERE tenant_id = tenants.id AND is_held = 1)", filter.Health is not null);
        conditions.Add("id < @Before", page.Before is not null);
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<Tenant>(new CommandDefinition(
            $"""
            SELECT {Tenant.Columns} FROM tenants
            {conditions}
            ORDER BY id DESC LIMIT @take
            """,
            new { filter.Status, filter.Plan, filter.Search, pattern = SqlPattern.Containing(filter.Search ?? ""), page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        var (items, nextCursor) = page.Cut(rows, tenant => tenant.Id);
        var alerts = items.Count == 0
            ? []
            : (await connection.QueryAsync<(Guid TenantId, int Count)>(new CommandDefinition(
                "SELECT tenant_id, COUNT(*) FROM alerts WHERE tenant_id IN @ids AND is_held = 1 GROUP BY tenant_id",
                new { ids = items.Select(tenant => tenant.Id.ToString()) },
                cancellationToken: cancellationToken))).ToDictionary(row => row.TenantId, row => row.Count);
        return ([.. items.Select(tenant => ShownTenant.Of(tenant) with { Alerts = alerts.GetValueOrDefault(tenant.Id) })], nextCursor);
    }

    private static Task<Tenant?> FindRowAsync(DbConnection connection, DbTransaction? transaction, Guid id, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<Tenant?>(new CommandDefinition(
            $"SELECT {Tenant.Columns} FROM tenants WHERE id = @id", new { id }, transaction, cancellationToken: cancellationToken));
}
