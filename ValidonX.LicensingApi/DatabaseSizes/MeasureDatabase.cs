using Dapper;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.DatabaseSizes;

/// <summary>Asks a tenant's database server how large the tenant's database is: in the tenant's scope, now, and for a short time only, because somebody waits for the page that it is on.</summary>
internal sealed class MeasureDatabase(TenantQueries tenants, TenantDatabases databases, DatabaseOutage outage, TimeProvider time)
{
    private const int Largest = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>409: there is nothing to measure.</summary>
    public static ApiError NoDatabase { get; } = ApiErrors.Conflict("The tenant has no database: it is still to be made, or was removed after the tenant had been closed.");

    /// <summary>503: nobody can say.</summary>
    public static ApiError NotTold { get; } = ApiErrors.Unavailable with { Message = "The tenant's database server does not tell at the moment." };

    /// <summary>Measures it.</summary>
    public async Task<Outcome<DatabaseSize>> ExecuteAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        if (await tenants.FindRowAsync(tenantId, cancellationToken) is not { } tenant)
        {
            return ApiErrors.TenantNotFound;
        }

        if (tenant.Placement is not { } placement)
        {
            return NoDatabase;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await MeasureAsync(placement, patience.Token);
        }
        catch (Exception none) when (DatabaseError.IsUnknownDatabase(none) || DatabaseError.IsUnknownRole(none))
        {
            return NoDatabase;
        }
        catch (Exception away) when (DatabaseError.IsUnavailable(away))
        {
            outage.Note(away);
            return NotTold;
        }
        catch (Exception late) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested && (late is OperationCanceledException || DatabaseError.IsInterrupted(late)))
        {
            return NotTold;
        }
    }

    private async Task<DatabaseSize> MeasureAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        // By the role's rights it shows this database's tables and no others', whatever is asked for.
        var tables = await databases.ReadAsync(
            placement,
            """
            SELECT table_name AS name, CAST(COALESCE(data_length, 0) AS SIGNED) AS data_bytes, CAST(COALESCE(index_length, 0) AS SIGNED) AS index_bytes,
              CAST(COALESCE(table_rows, 0) AS SIGNED) AS row_count
            FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'
            """,
            new { },
            async rows => (await rows.ReadAsync<Row>()).AsList(),
            cancellationToken);
        return new DatabaseSize(
            placement.Database.Value,
            placement.ServerName,
            tables.Sum(table => table.Bytes),
            tables.Sum(table => table.DataBytes),
            tables.Sum(table => table.IndexBytes),
            tables.Count,
            [.. tables.OrderByDescending(table => table.Bytes).ThenBy(table => table.Name, StringComparer.Ordinal).Take(Largest).Select(table => table.Show())],
            time.GetUtcNow());
    }

    private sealed record Row
    {
        public string Name { get; init; } = "";

        public long DataBytes { get; init; }

        public long IndexBytes { get; init; }

        public long RowCount { get; init; }

        public long Bytes => DataBytes + IndexBytes;

        public TableSize Show() => new(Name, Bytes, DataBytes, IndexBytes, RowCount);
    }
}
