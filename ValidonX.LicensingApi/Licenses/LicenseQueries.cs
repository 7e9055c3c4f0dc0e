using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Licenses;

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
            new { id, now },
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
        var sql = new InterpolatedSql().Add($"SELECT ").AddText(LicenseRecord.Columns).Add($" FROM license_keys l");
        filter.Selection.AddTo(sql, now, page.Before is { } before ? [$"l.id < {before}"] : []).Add($" ORDER BY l.id DESC LIMIT {page.Limit + 1}");
        sql.Parameters.Add("now", now);
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var rows = (await scope.Connection.QueryAsync<LicenseRecord>(sql.ToCommand(cancellationToken))).AsList();
        var (licenses, nextCursor) = page.Cut(rows, row => row.Id);
        if (licenses.Count == 0)
        {
            return ([], null);
        }

        var entitlements = await EntitlementsAsync(scope.Connection, licenses, cancellationToken);
        return ([.. licenses.Select(license => license.Show(entitlements[license.Id.ToString()], now))], nextCursor);
    }

    /// <summary>The next ones behind an id, oldest first, each with its entitlements.</summary>
    public async Task<IReadOnlyList<(LicenseRecord License, IReadOnlyList<Entitlement> Entitlements)>> ReadOnAsync(
        TenantPlacement placement, LicenseSelection selection, Guid after, int most, CancellationToken cancellationToken)
    {
        var sql = new InterpolatedSql().Add($"SELECT ").AddText(LicenseRecord.Columns).Add($" FROM license_keys l");
        var now = time.GetUtcNow();
        sql.Parameters.Add("now", now);
        selection.AddTo(sql, now, [$"l.id > {after}"]).Add($" ORDER BY l.id LIMIT {most}");
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var rows = (await scope.Connection.QueryAsync<LicenseRecord>(sql.ToCommand(cancellationToken))).AsList();
        var entitlements = rows.Count == 0 ? null : await EntitlementsAsync(scope.Connection, rows, cancellationToken);
        return [.. rows.Select(row => (row, (IReadOnlyList<Entitlement>)[.. entitlements![row.Id.ToString()]]))];
    }

    /// <summary>How many there are.</summary>
    public async Task<long> CountAsync(TenantPlacement placement, LicenseSelection selection, CancellationToken cancellationToken)
    {
        var sql = selection.AddTo(new InterpolatedSql().Add($"SELECT COUNT(*) FROM license_keys l"), time.GetUtcNow());
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await scope.Connection.ExecuteScalarAsync<long>(sql.ToCommand(cancellationToken));
    }

    private static async Task<ILookup<string, Entitlement>> EntitlementsAsync(DbConnection connection, IEnumerable<LicenseRecord> licenses, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<Entitlement>(new CommandDefinition(
            $"SELECT {Entitlement.Columns} FROM entitlements WHERE license_id IN @ids",
            new { ids = licenses.Select(license => license.Id.ToString()) },
            cancellationToken: cancellationToken))).ToLookup(one => one.LicenseId, StringComparer.Ordinal);
}
