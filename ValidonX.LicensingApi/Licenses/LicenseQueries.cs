using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>Reads licenses as their vendor sees them.</summary>
internal sealed class LicenseQueries(TenantDatabases databases, TimeProvider time)
{
    /// <summary>One license, or <see langword="null"/>.</summary>
    public async Task<LicenseDetails?> FindAsync(TenantPlacement placement, Guid id, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await FindAsync(scope.Connection, null, id, time.GetUtcNow(), cancellationToken);
    }

    /// <summary>One license in an open scope, or <see langword="null"/>.</summary>
    public static async Task<LicenseDetails?> FindAsync(
        DbConnection connection, DbTransaction? transaction, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT {LicenseRecord.Columns} FROM license_keys l WHERE l.id = @id;
            SELECT {Entitlement.Columns} FROM entitlements WHERE license_id = @id
            """,
            new { id },
            transaction,
            cancellationToken: cancellationToken));
        var license = await rows.ReadSingleOrDefaultAsync<LicenseRecord>();
        return license?.Show(await rows.ReadAsync<Entitlement>(), now);
    }

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<LicenseDetails> Items, string? NextCursor)> ListAsync(
        TenantPlacement placement, LicenseFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        var now = time.GetUtcNow();
        // Computed from now, not from the expiry, which plus its grace may lie beyond what the server can tell.
        const string InForce = "(l.expires_at IS NULL OR l.expires_at > @now - INTERVAL l.grace_days DAY)";
        var conditions = new List<string>();
        if (filter.Status is not null)
        {
            conditions.Add(filter.Status switch
            {
                ShownLicenseStatus.Active => $"l.status = 'active' AND {InForce}",
                ShownLicenseStatus.Expired => $"l.status = 'active' AND NOT {InForce}",
                _ => "l.status = @Status",
            });
        }

        if (filter.ProductId is not null)
        {
            conditions.Add("l.product_id = @ProductId");
        }

        if (filter.Search is not null)
        {
            conditions.Add("(CONVERT(l.license_key USING utf8mb4) LIKE @pattern OR l.customer_name LIKE @pattern OR l.customer_email LIKE @pattern)");
        }

        if (page.Before is not null)
        {
            conditions.Add("l.id < @Before");
        }

        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var rows = (await scope.Connection.QueryAsync<LicenseRecord>(new CommandDefinition(
            $"""
            SELECT {LicenseRecord.Columns} FROM license_keys l
            {(conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}")}
            ORDER BY l.id DESC LIMIT @take
            """,
            new { filter.Status, filter.ProductId, pattern = SqlPattern.Containing(filter.Search ?? ""), page.Before, now, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        var (licenses, nextCursor) = page.Cut(rows, row => row.Id);
        if (licenses.Count == 0)
        {
            return ([], null);
        }

        var entitlements = (await scope.Connection.QueryAsync<Entitlement>(new CommandDefinition(
            $"SELECT {Entitlement.Columns} FROM entitlements WHERE license_id IN @ids",
            new { ids = licenses.Select(license => license.Id.ToString()) },
            cancellationToken: cancellationToken))).ToLookup(one => one.LicenseId, StringComparer.Ordinal);
        return ([.. licenses.Select(license => license.Show(entitlements[license.Id.ToString()], now))], nextCursor);
    }
}
