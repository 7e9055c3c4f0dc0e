using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Outbox;

namespace ValidonX.LicensingApi.Usage;

/// <summary>
/// Appends usage events and counts them, all reports of a call in one transaction of the tenant's database, in two round trips. An event carries its
/// idempotency key under a unique index, so that the same key counts once for ever, also when the process died between the commit and the answer.
/// </summary>
internal sealed class RecordUsage(TenantDatabases databases, TenantOutbox outbox, OutboxHints hints, TimeProvider time)
{
    private const int Attempts = 4;

    /// <summary>Records each report, finds it recorded, or says why not; in their order.</summary>
    /// <param name="placement">The tenant.</param>
    /// <param name="reports">Any number of them.</param>
    /// <param name="audit">By which request: thresholds that are passed are told of in the outbox.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    public async Task<IReadOnlyList<Outcome<RecordedUsage>>> ExecuteAsync(
        TenantPlacement placement, IReadOnlyList<UsageReport> reports, AuditEvent audit, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var now = time.GetUtcNow();
                var (outcomes, isEvent) = await databases.WriteAsync(placement, Look(reports, now), rows => DecideAsync(rows, reports, audit, now), cancellationToken);
                if (isEvent)
                {
                    hints.Note(placement);
                }

                return outcomes;
            }
            catch (DbException taken) when (attempt < Attempts && DatabaseError.IsDuplicateKey(taken))
            {
                // Somebody has used one of the keys meanwhile, for something that is counted elsewhere: now it is found.
            }
        }
    }

    /// <summary>Locks the counters, in their order, which makes reports of one metric take turns; then looks for what was recorded before.</summary>
    private static InterpolatedSql Look(IReadOnlyList<UsageReport> reports, DateTimeOffset now)
    {
        var keys = reports.Select(report => report.Counter).Distinct().Order().ToList();
        var sql = new InterpolatedSql()
            .Add($"INSERT INTO usage_counters (license_id, code, period_start, used, updated_at) VALUES ")
            .AddJoined(keys.Select(key => (FormattableString)$"({key.LicenseId}, {key.Metric}, {key.Period}, 0, {now})"))
            .Add($" ON DUPLICATE KEY UPDATE updated_at = VALUES(updated_at); SELECT license_id, code, period_start, CAST(used AS SIGNED) AS used, ")
            .Add($"(SELECT COALESCE(MAX(percent), 0) FROM usage_thresholds t WHERE t.license_id = c.license_id AND t.code = c.code AND t.period_start = c.period_start) AS told FROM usage_counters c WHERE ")
            .AddJoined(keys.Select(key => (FormattableString)$"(license_id = {key.LicenseId} AND code = {key.Metric} AND period_start = {key.Period})"), " OR ");
        var hashes = reports.Select(report => report.KeyHash).OfType<byte[]>().ToList();
        return hashes.Count == 0
            ? sql
            : sql.Add($"; SELECT id, code, quantity, recorded_at, idempotency_key_hash AS key_hash, request_hash FROM usage_events WHERE idempotency_key_hash IN {hashes}");
    }

    private async Task<(InterpolatedSql? Write, (IReadOnlyList<Outcome<RecordedUsage>> Outcomes, bool IsEvent) Result)> DecideAsync(
        SqlMapper.GridReader rows, IReadOnlyList<UsageReport> reports, AuditEvent audit, DateTimeOffset now)
    {
        var counters = (await rows.ReadAsync<CounterRow>()).AsList();
        var earlier = rows.IsConsumed ? [] : (await rows.ReadAsync<EarlierEvent>()).AsList();
        var ledger = new UsageLedger(counters, earlier, now);
        IReadOnlyList<Outcome<RecordedUsage>> outcomes = [.. reports.Select(ledger.Take)];
        return (ledger.Events.Count == 0 ? null : Write(ledger, audit with { At = now }), (outcomes, ledger.Passed.Count > 0));
    }

    private InterpolatedSql Write(UsageLedger ledger, AuditEvent audit)
    {
        var now = audit.At;
        var hours = ledger.Events.GroupBy(one => (one.Report.License.Id, one.Report.Metric, one.Report.Hour))
            .OrderBy(hour => hour.Key.Id).ThenBy(hour => hour.Key.Metric, StringComparer.Ordinal).ThenBy(hour => hour.Key.Hour);
        var sql = new InterpolatedSql()
            .Add($"INSERT INTO usage_events (id, license_id, code, quantity, idempotency_key_hash, request_hash, metadata, recorded_at) VALUES ")
            .AddJoined(ledger.Events.Select(one => (FormattableString)
                $"({one.Id}, {one.Report.License.Id}, {one.Report.Metric}, {one.Report.Quantity}, {one.Report.KeyHash}, {one.Report.RequestHash}, {one.Report.Metadata}, {one.Report.At})"))
            .Add($"; INSERT INTO usage_hours (license_id, code, hour, used, events) VALUES ")
            .AddJoined(hours.Select(hour => (FormattableString)$"({hour.Key.Id}, {hour.Key.Metric}, {hour.Key.Hour}, {hour.Sum(one => one.Report.Quantity)}, {hour.Count()})"))
            .Add($" ON DUPLICATE KEY UPDATE used = used + VALUES(used), events = events + VALUES(events)")
            .Add($"; INSERT INTO usage_counters (license_id, code, period_start, used, updated_at) VALUES ")
            .AddJoined(ledger.Counters.Select(one => (FormattableString)$"({one.Key.LicenseId}, {one.Key.Metric}, {one.Key.Period}, {one.Used}, {now})"))
            .Add($" ON DUPLICATE KEY UPDATE used = VALUES(used)");
        foreach (var passed in ledger.Passed)
        {
            sql.Add(
                $"""
                ; INSERT INTO usage_thresholds (license_id, code, period_start, percent, told_at)
                VALUES ({passed.Counter.LicenseId}, {passed.Counter.Metric}, {passed.Counter.Period}, {passed.Percent}, {now});
                {outbox.Insert(audit.About("license", passed.Counter.LicenseId) with { Details = Details(passed) })}
                """);
        }

        return sql;
    }

    private static string Details(PassedThreshold passed) => new JsonObject
    {
        ["metric"] = passed.Counter.Metric,
        ["threshold"] = passed.Percent,
        ["used"] = passed.Used,
        ["limit"] = passed.Limit,
        ["period_start"] = passed.Counter.Period,
    }.ToJsonString();
}
