using System.Data.Common;
using Dapper;

namespace ValidonX.LicensingApi.Usage;

/// <summary>The statements that write one usage event, within its transaction.</summary>
internal sealed class NewUsage(DbTransaction transaction, Guid licenseId, UsageReport report, Guid id, DateTimeOffset now)
{
    private readonly string _period = UsagePeriod.Of(now);

    /// <summary>The event's id.</summary>
    public Guid Id { get; } = id;

    /// <summary>The largest sum of a month that can be told, whatever the entitlement allows.</summary>
    public const long LargestSum = long.MaxValue;

    /// <summary>Counts if the limit allows it, which is at most <see cref="LargestSum"/>.</summary>
    public async Task<bool> CountWithinAsync(long limit, CancellationToken cancellationToken)
    {
        const string Count =
            """
            UPDATE usage_counters SET used = used + @Quantity, updated_at = @now
            WHERE license_id = @licenseId AND code = @Metric AND period_start = @period AND used + @Quantity <= @limit
            """;
        if (await ExecuteAsync(Count, cancellationToken, limit) > 0)
        {
            return true;
        }

        // No room, or the month's first use.
        await ExecuteAsync(
            """
            INSERT INTO usage_counters (license_id, code, period_start, used, updated_at) VALUES (@licenseId, @Metric, @period, 0, @now)
            ON DUPLICATE KEY UPDATE updated_at = @now
            """,
            cancellationToken);
        return await ExecuteAsync(Count, cancellationToken, limit) > 0;
    }

    /// <summary>What is used of the limit.</summary>
    public Task<long> ReadUsedAsync(CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT CAST(used AS SIGNED) FROM usage_counters WHERE license_id = @licenseId AND code = @Metric AND period_start = @period",
            Parameters(),
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Appends the event. A duplicate key means that an earlier call with the same Idempotency-Key did.</summary>
    public Task AppendAsync(CancellationToken cancellationToken) =>
        ExecuteAsync(
            """
            INSERT INTO usage_events (id, license_id, code, quantity, idempotency_key_hash, request_hash, metadata, recorded_at)
            VALUES (@Id, @licenseId, @Metric, @Quantity, @IdempotencyKeyHash, @RequestHash, @Metadata, @now)
            """,
            cancellationToken);

    private Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, long limit = 0) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, Parameters(limit), transaction, cancellationToken: cancellationToken));

    private object Parameters(long limit = 0) => new
    {
        Id,
        licenseId,
        report.Metric,
        report.Quantity,
        report.IdempotencyKeyHash,
        report.RequestHash,
        report.Metadata,
        period = _period,
        now,
        limit,
    };
}
