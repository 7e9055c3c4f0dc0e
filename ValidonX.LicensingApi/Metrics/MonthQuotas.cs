using System.Globalization;
using Dapper;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Metrics;

/// <summary>Reads what has been used of the running month's calls.</summary>
internal sealed class MonthQuotas(PlatformDatabase platform, DatabaseOutage outage, TimeProvider time)
{
    /// <summary>A tenant's; <see langword="null"/> of nobody, and while the platform database is away: what else there is to tell does not need it.</summary>
    public async Task<MonthQuota?> ReadAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        if (tenantId == Guid.Empty)
        {
            return null;
        }

        var from = BillingPeriods.MonthOf(time.GetUtcNow());
        try
        {
            await using var connection = await platform.OpenAsync(cancellationToken);
            return await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition(
                $"SELECT {MonthlyCalls.Columns} FROM tenants t {MonthlyCalls.Joins} WHERE t.id = @tenantId",
                new { tenantId, month = from.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) },
                cancellationToken: cancellationToken)) is { } row
                ? MonthQuota.Of(from, row.Used ?? 0, row.Quota)
                : null;
        }
        catch (Exception away) when (DatabaseError.IsUnavailable(away))
        {
            outage.Note(away);
            return null;
        }
    }

    private sealed record Row
    {
        public long? Quota { get; init; }

        public long? Used { get; init; }
    }
}
