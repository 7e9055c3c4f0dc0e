using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Usage;

/// <summary>
/// Appends a usage event and counts it, in one transaction of the tenant's database. The event carries its Idempotency-Key under a unique
/// index, so that the same key counts once for ever, also when the process died between the commit and the answer.
/// </summary>
internal sealed class RecordUsage(TenantDatabases databases, TimeProvider time)
{
    /// <summary>Records it, finds it recorded, or says why not.</summary>
    public async Task<Outcome<RecordedUsage>> ExecuteAsync(
        TenantPlacement placement, LicenseView license, UsageReport report, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        try
        {
            return await scope.TransactAsync((transaction, token) => RecordAsync(transaction, license, report, token), cancellationToken);
        }
        catch (DbException taken) when (report.IdempotencyKeyHash is not null && DatabaseError.IsDuplicateKey(taken))
        {
            return await FindAsync(scope.Connection, null, report, cancellationToken) ?? throw new InvalidOperationException("A usage event has vanished.");
        }
    }

    private async Task<Outcome<RecordedUsage>> RecordAsync(DbTransaction transaction, LicenseView license, UsageReport report, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var row = new NewUsage(transaction, license.Id, report, Guid.CreateVersion7(now), now);

        // The count first: calls for one metric then queue up here, and who comes second with the same key fails at the event,
        // which undoes its count.
        var hardLimit = license.Entitlements.TryGetValue(report.Metric, out var entitlement) && entitlement is { HardLimit: true } ? entitlement.Limit : null;
        if (!await row.CountWithinAsync(hardLimit ?? NewUsage.LargestSum, cancellationToken))
        {
            if (await FindAsync(transaction.Connection!, transaction, report, cancellationToken) is { } earlier)
            {
                return earlier;
            }

            return hardLimit is { } limit
                ? ApiErrors.EntitlementLimitExceeded(report.Metric, await row.ReadUsedAsync(cancellationToken), limit)
                : ApiErrors.ValidationFailed("quantity", "The month's sum would be larger than can be counted.");
        }

        await row.AppendAsync(cancellationToken);
        return new RecordedUsage(new ShownUsageEvent(row.Id, report.Metric, report.Quantity, now), IsReplay: false);
    }

    private static async Task<Outcome<RecordedUsage>?> FindAsync(
        DbConnection connection, DbTransaction? transaction, UsageReport report, CancellationToken cancellationToken)
    {
        if (report.IdempotencyKeyHash is null)
        {
            return null;
        }

        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "SELECT id, code, quantity, request_hash, recorded_at FROM usage_events WHERE idempotency_key_hash = @IdempotencyKeyHash",
            new { report.IdempotencyKeyHash },
            transaction,
            cancellationToken: cancellationToken));
        if (row is null)
        {
            return null;
        }

        return row.RequestHash.AsSpan().SequenceEqual(report.RequestHash)
            ? new RecordedUsage(new ShownUsageEvent(row.Id, row.Code, row.Quantity, row.RecordedAt), IsReplay: true)
            : ApiErrors.IdempotencyKeyReused;
    }

    private sealed class Row
    {
        public Guid Id { get; init; }

        public string Code { get; init; } = "";

        public long Quantity { get; init; }

        public byte[] RequestHash { get; init; } = [];

        public DateTimeOffset RecordedAt { get; init; }
    }
}
