using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text.Json.Nodes;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Usage;

/// <summary>What is to be compared.</summary>
internal sealed record ReconcileRequest : IRequest
{
    /// <inheritdoc/>
    public static bool IsOptional => true;

    /// <summary>From the month in which this lies; absent: from the month before this one.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Whether what differs is to be put right, to what the events say.</summary>
    public bool Repair { get; init; }
}

/// <summary>What a comparison came to.</summary>
/// <param name="Checked">How many sums were compared.</param>
/// <param name="Differences">Where they differ from the events; after a repair, where they did.</param>
/// <param name="Repaired">Whether they were put right.</param>
internal sealed record UsageReconciliation(long Checked, IReadOnlyList<UsageDifference> Differences, bool Repaired);

/// <summary>A sum that is not that of its events.</summary>
/// <param name="LicenseId">The license's id.</param>
/// <param name="Metric">The entitlement's code.</param>
/// <param name="Kind">What differs: the month's counter, by which limits are judged, or an hour's sum, of which snapshots are made.</param>
/// <param name="PeriodStart">When the month or hour begins.</param>
/// <param name="Stored">What is stored.</param>
/// <param name="Events">What the events come to.</param>
internal sealed record UsageDifference(
    Guid LicenseId,
    [property: Example("api.calls")] string Metric,
    [property: Words(UsageDifference.Counter, UsageDifference.Snapshot)] string Kind,
    DateTimeOffset PeriodStart,
    long Stored,
    long Events)
{
    public const string Counter = "counter";
    public const string Snapshot = "snapshot";
}

/// <summary>Compares counters and hourly sums with the events, and puts them right.</summary>
internal sealed class ReconcileUsage(TenantDatabases databases, StateChanges changes, TimeProvider time)
{
    // All sums of one kind on the one side, all events on the other; a sum that lacks on one side is 0 there.
    private static readonly string Months = Compared(
        "SELECT license_id, code, period_start AS start, used FROM usage_counters WHERE license_id <> '' AND period_start >= @from",
        "CAST(DATE_FORMAT(recorded_at, '%Y-%m-01') AS DATE)",
        UsageDifference.Counter);

    private static readonly string Hours = Compared(
        "SELECT license_id, code, hour AS start, used FROM usage_hours WHERE hour >= @from",
        "CAST(DATE_FORMAT(recorded_at, '%Y-%m-%d %H:00:00') AS DATETIME)",
        UsageDifference.Snapshot);

    /// <summary>Compares, and repairs if that is wanted.</summary>
    public async Task<IResult> ExecuteAsync(TenantPlacement placement, ReconcileRequest request, ChangeRequest<UsageReconciliation> change)
    {
        var since = (request.From ?? time.GetUtcNow().AddMonths(-1)).UtcDateTime;
        var from = new DateTime(since.Year, since.Month, 1, 0, 0, 0, DateTimeKind.Utc);
        if (!request.Repair)
        {
            await using var scope = await databases.OpenAsync(placement, change.Aborted);
            return change.Answer(await FindAsync(scope.Connection, from, change.Aborted));
        }

        return await changes.InTenantAsync<UsageReconciliation>(placement, change, async (transaction, token) =>
        {
            // Who records usage locks the month's counter first: with all of them locked nothing moves.
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "SELECT COUNT(*) FROM (SELECT 1 FROM usage_counters WHERE license_id <> '' AND period_start >= @from FOR UPDATE) locked", new { from }, transaction, cancellationToken: token));
            var found = await ReadAsync(transaction.Connection!, transaction, from, token);
            foreach (var difference in found.Differences)
            {
                await PutRightAsync(transaction, difference, token);
            }

            return new Changed<UsageReconciliation>(found with { Repaired = true })
            {
                Event = found.Differences.Count == 0 ? null : change.Audit with { SubjectType = "usage", Details = new JsonObject { ["differences"] = found.Differences.Count }.ToJsonString() },
            };
        });
    }

    private static string Compared(string stored, string bucket, string kind) =>
        $"""
        SELECT CONCAT(license_id, '') AS license, code, start, '{kind}' AS kind, CAST(SUM(used) AS SIGNED) AS `stored`, CAST(SUM(counted) AS SIGNED) AS events FROM (
          SELECT license_id, code, start, used, 0 AS counted FROM ({stored}) s
          UNION ALL
          SELECT license_id, code, {bucket} AS start, 0, SUM(quantity) FROM usage_events WHERE recorded_at >= @from GROUP BY license_id, code, start) both_sides
        GROUP BY license_id, code, start
        """;

    /// <summary>Everything as it was at one moment.</summary>
    private static async Task<UsageReconciliation> FindAsync(DbConnection connection, DateTime from, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var found = await ReadAsync(connection, transaction, from, cancellationToken);
        await transaction.RollbackAsync(CancellationToken.None);
        return found;
    }

    private static async Task<UsageReconciliation> ReadAsync(DbConnection connection, DbTransaction transaction, DateTime from, CancellationToken cancellationToken)
    {
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition($"{Months}; {Hours}", new { from }, transaction, cancellationToken: cancellationToken));
        List<Row> all = [.. await rows.ReadAsync<Row>(), .. await rows.ReadAsync<Row>()];
        return new UsageReconciliation(all.Count, [.. all.Where(row => row.Stored != row.Events).Select(row => row.Show())], Repaired: false);
    }

    private static Task<int> PutRightAsync(DbTransaction transaction, UsageDifference difference, CancellationToken cancellationToken)
    {
        var (from, to) = difference.Kind == UsageDifference.Counter
            ? (difference.PeriodStart, difference.PeriodStart.AddMonths(1))
            : (difference.PeriodStart, difference.PeriodStart.AddHours(1));
        return transaction.Connection!.ExecuteAsync(new CommandDefinition(
            difference.Kind == UsageDifference.Counter
                ? """
                  INSERT INTO usage_counters (license_id, code, period_start, used, updated_at) VALUES (@LicenseId, @Metric, @period, @Events, UTC_TIMESTAMP(6))
                  ON DUPLICATE KEY UPDATE used = VALUES(used), updated_at = VALUES(updated_at)
                  """
                : """
                  DELETE FROM usage_hours WHERE license_id = @LicenseId AND code = @Metric AND hour = @from;
                  INSERT INTO usage_hours (license_id, code, hour, used, events)
                  SELECT license_id, code, @from, SUM(quantity), COUNT(*) FROM usage_events
                  WHERE license_id = @LicenseId AND code = @Metric AND recorded_at >= @from AND recorded_at < @to GROUP BY license_id, code
                  """,
            new
            {
                difference.LicenseId,
                difference.Metric,
                difference.Events,
                period = difference.PeriodStart.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                from = from.UtcDateTime,
                to = to.UtcDateTime,
            },
            transaction,
            cancellationToken: cancellationToken));
    }

    private sealed class Row
    {
        // As a text: the one table has room for more than an id, the other has not.
        public string License { get; init; } = "";

        public string Code { get; init; } = "";

        public DateTime Start { get; init; }

        public string Kind { get; init; } = "";

        public long Stored { get; init; }

        public long Events { get; init; }

        public UsageDifference Show() => new(Guid.Parse(License), Code, Kind, new DateTimeOffset(DateTime.SpecifyKind(Start, DateTimeKind.Utc)), Stored, Events);
    }
}
