using System.Data.Common;
using System.Globalization;
using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Billing;

/// <summary>What usage costs beyond what a plan includes; a row of <c>plan_meters</c>.</summary>
public sealed record PlanMeter
{
    /// <summary>What is counted: <see cref="Metering.ApiCalls"/>, or a metric of the tenant's licences.</summary>
    public string Metric { get; init; } = "";

    /// <summary>How much of it a calendar month includes.</summary>
    public long Included { get; init; }

    /// <summary>How many the price is for.</summary>
    public long Unit { get; init; }

    /// <summary>The price of so many.</summary>
    public long PriceCents { get; init; }

    /// <summary>What so much comes to, a half of a cent rounded up.</summary>
    public long CostOf(long used)
    {
        var beyond = (Int128)Math.Max(used - Included, 0);
        return (long)(((2 * beyond * PriceCents) + Unit) / (2 * (Int128)Unit));
    }
}

/// <summary>What was used in a calendar month.</summary>
/// <param name="Month">Its first moment.</param>
/// <param name="Metric">Of what.</param>
/// <param name="Used">How much.</param>
public sealed record MonthlyUse(DateTimeOffset Month, string Metric, long Used);

/// <summary>What a tenant has used that is not invoiced, as it was read before the subscription's row was locked.</summary>
/// <param name="PlanCode">The plan whose meters were read; by another one's nothing of it is invoiced.</param>
/// <param name="From">The first month.</param>
/// <param name="Until">The first moment of the first month that is not over.</param>
/// <param name="Months">What was used; what is not there was not.</param>
public sealed record MeteredUse(string PlanCode, DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<MonthlyUse> Months)
{
    /// <summary>Nothing was read, so nothing is invoiced.</summary>
    public static MeteredUse Unread { get; } = new("", default, default, []);
}

/// <summary>What is metered, out of the counters of the platform and of the tenant's own database.</summary>
public sealed class Metering(PlatformDatabase platform, TenantDatabases databases)
{
    /// <summary>The metric of the calls that the gateways count.</summary>
    public const string ApiCalls = "api_calls";

    /// <summary>How long after a month's end everyone has written down what was used in it.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromHours(1);

    /// <summary>The meters of a plan.</summary>
    public static async Task<IReadOnlyList<PlanMeter>> MetersAsync(DbConnection connection, DbTransaction? transaction, string planCode, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<PlanMeter>(new CommandDefinition(
            "SELECT metric, included, unit, price_cents FROM plan_meters WHERE plan_code = @planCode ORDER BY metric",
            new { planCode },
            transaction,
            cancellationToken: cancellationToken))).AsList();

    /// <summary>What a subscription's tenant has used in the months that are over and not invoiced.</summary>
    public async Task<MeteredUse> ReadAsync(Guid tenantId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var subscription = await connection.QuerySingleOrDefaultAsync<Subscription?>(new CommandDefinition(
            $"SELECT {Subscription.Columns} FROM subscriptions WHERE tenant_id = @tenantId", new { tenantId }, cancellationToken: cancellationToken));
        if (subscription is null)
        {
            return MeteredUse.Unread;
        }

        var meters = await MetersAsync(connection, null, subscription.PlanCode, cancellationToken);
        var nothing = new MeteredUse(subscription.PlanCode, subscription.MeteredFrom, BillingPeriods.MonthOf(now - Settled), []);
        return meters.Count == 0 || nothing.Until <= nothing.From ? nothing : nothing with { Months = await ReadAsync(connection, tenantId, meters, nothing, cancellationToken) };
    }

    private async Task<IReadOnlyList<MonthlyUse>> ReadAsync(
        DbConnection connection, Guid tenantId, IReadOnlyList<PlanMeter> meters, MeteredUse asked, CancellationToken cancellationToken)
    {
        var months = new { tenantId, metrics = meters.Select(meter => meter.Metric), since = Day(asked.From), until = Day(asked.Until) };
        var calls = await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            SELECT month AS period_start, '{ApiCalls}' AS metric, CAST(SUM(used) AS SIGNED) AS used FROM api_call_months
            WHERE tenant_id = @tenantId AND month >= @since AND month < @until AND '{ApiCalls}' IN @metrics GROUP BY month
            """,
            months,
            cancellationToken: cancellationToken));
        var (server, database) = await connection.QuerySingleAsync<(string?, string?)>(new CommandDefinition(
            "SELECT server_name, database_name FROM tenants WHERE id = @tenantId", new { tenantId }, cancellationToken: cancellationToken));
        if (server is null || database is null || meters.All(meter => meter.Metric == ApiCalls))
        {
            return [.. calls.Select(row => row.Use)];
        }

        await using var scope = await databases.OpenAsync(new TenantPlacement(tenantId, server, DatabaseName.Parse(database)), cancellationToken);
        var usage = await scope.Connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT period_start, code AS metric, CAST(SUM(used) AS SIGNED) AS used FROM usage_counters
            WHERE license_id <> '' AND code IN @metrics AND period_start >= @since AND period_start < @until GROUP BY period_start, code
            """,
            months,
            cancellationToken: cancellationToken));
        return [.. calls.Concat(usage.Where(row => row.Metric != ApiCalls)).Select(row => row.Use)];
    }

    private static string Day(DateTimeOffset month) => month.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private sealed record Row
    {
        public DateTime PeriodStart { get; init; }

        public string Metric { get; init; } = "";

        public long Used { get; init; }

        public MonthlyUse Use => new(new DateTimeOffset(DateTime.SpecifyKind(PeriodStart, DateTimeKind.Utc)), Metric, Used);
    }
}
