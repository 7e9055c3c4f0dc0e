using System.Globalization;
using Dapper;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>Reads what has become of imports.</summary>
internal sealed class ImportQueries(TenantDatabases databases, TimeProvider time)
{
    /// <summary>One import, or <see langword="null"/>.</summary>
    public async Task<ShownImport?> FindAsync(TenantPlacement placement, Guid id, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return (await scope.Connection.QuerySingleOrDefaultAsync<ImportRecord?>(new CommandDefinition(
            $"SELECT {ImportRecord.Columns} FROM license_imports WHERE id = @id", new { id }, cancellationToken: cancellationToken)))?.Show(time.GetUtcNow());
    }

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<ShownImport> Items, string? NextCursor)> ListAsync(TenantPlacement placement, PageRequest page, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var rows = (await scope.Connection.QueryAsync<ImportRecord>(new CommandDefinition(
            $"SELECT {ImportRecord.Columns} FROM license_imports WHERE @Before IS NULL OR id < @Before ORDER BY id DESC LIMIT @take",
            new { page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut<ShownImport>([.. rows.Select(row => row.Show(time.GetUtcNow()))], import => import.Id);
    }

    /// <summary>Rows that failed, in their order; <see langword="null"/> when there is no such import.</summary>
    public async Task<(IReadOnlyList<ShownImportError> Items, string? NextCursor)?> ErrorsAsync(TenantPlacement placement, Guid id, ImportErrorQuery query, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        await using var rows = await scope.Connection.QueryMultipleAsync(new CommandDefinition(
            """
            SELECT COUNT(*) FROM license_imports WHERE id = @id;
            SELECT row_no, errors FROM license_import_errors WHERE import_id = @id AND row_no > @Cursor ORDER BY row_no LIMIT @take
            """,
            new { id, query.Cursor, take = query.Limit + 1 },
            cancellationToken: cancellationToken));
        if (await rows.ReadSingleAsync<long>() == 0)
        {
            return null;
        }

        var found = (await rows.ReadAsync<(long Row, string Errors)>()).Select(row => new ShownImportError(row.Row, new RawJson(row.Errors))).ToList();
        return found.Count > query.Limit
            ? (found[..query.Limit], found[query.Limit - 1].Row.ToString(CultureInfo.InvariantCulture))
            : (found, null);
    }
}
