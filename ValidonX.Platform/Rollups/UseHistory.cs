using System.Data.Common;
using Dapper;
using StackExchange.Redis;
using ValidonX.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Rollups;

/// <summary>What a tenant has experienced: minutes of the last day from Redis, hours of the last months from the platform database.</summary>
public sealed class UseHistory(IConnectionMultiplexer redis, PlatformDatabase platform, TimeProvider time)
{
    /// <summary>For how long back minutes are there.</summary>
    public static readonly TimeSpan MinutesKept = TimeSpan.FromHours(24);

    /// <summary>Reads what there was, cut into steps.</summary>
    /// <param name="tenantId">Whose; of all tenants together for the empty id.</param>
    /// <param name="from">Where the first step begins; a multiple of the step.</param>
    /// <param name="to">The end, which is not part of it.</param>
    /// <param name="step">A multiple of a minute up to an hour, or of an hour.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="RedisException">Redis is away, and there are minutes to read. Hours are told without the running ones then.</exception>
    /// <exception cref="DbException">The platform database is away, and there are hours to read.</exception>
    public async Task<UseSeries> ReadAsync(Guid tenantId, DateTime from, DateTime to, TimeSpan step, CancellationToken cancellationToken)
    {
        var hours = step < TimeSpan.FromHours(1)
            ? await ReadMinutesAsync(tenantId, from, to)
            : await ReadHoursAsync(tenantId, from, to, cancellationToken);
        var steps = new SortedDictionary<DateTime, Use>();
        for (var at = from; at < to; at += step)
        {
            steps.Add(at, new Use());
        }

        foreach (var (at, use) in hours.Uses.Where(one => one.At >= from && one.At < to))
        {
            steps[from + (step * Math.Floor((at - from) / step))].Add(use);
        }

        return new UseSeries([.. steps.Select(one => (one.Key, one.Value))], RouteUse.Sum(hours.Routes));
    }

    /// <summary>The hours of several tenants as Redis has them now.</summary>
    internal async Task<IReadOnlyList<UseOfHour>> ReadAsync(IEnumerable<(Guid TenantId, DateTime Hour)> hours)
    {
        var database = redis.GetDatabase();
        return [.. (await Task.WhenAll(hours.Select(one => database.HashGetAllAsync(RollupKeys.OfHour(one.TenantId, one.Hour))))).Select(fields => new UseOfHour(fields))];
    }

    private async Task<(IEnumerable<(DateTime At, Use Use)> Uses, IEnumerable<RouteUse> Routes)> ReadMinutesAsync(Guid tenantId, DateTime from, DateTime to)
    {
        DateTime[] hours = [.. Hours(from, to)];
        var read = await ReadAsync(hours.Select(hour => (tenantId, hour)));
        return (
            hours.Zip(read).SelectMany(one => one.Second.Minutes.Select(minute => (one.First.AddMinutes(minute.Key), minute.Value))),
            read.SelectMany(hour => hour.Routes));
    }

    /// <summary>An hour that is not over is in Redis alone, or further there; one that Redis has lost a part of is further in the database.</summary>
    private async Task<(IEnumerable<(DateTime At, Use Use)> Uses, IEnumerable<RouteUse> Routes)> ReadHoursAsync(
        Guid tenantId, DateTime from, DateTime to, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<HourRow>(new CommandDefinition(
            $"SELECT {HourRow.Columns} FROM tenant_hours WHERE tenant_id = @tenantId AND hour >= @from AND hour < @to",
            new { tenantId, from, to },
            cancellationToken: cancellationToken))).ToDictionary(row => DateTime.SpecifyKind(row.Hour, DateTimeKind.Utc));
        DateTime[] late = [.. Hours(from, to).Where(hour => hour > time.GetUtcNow().UtcDateTime - RollupKeys.Kept)];
        try
        {
            foreach (var (hour, read) in late.Zip(await ReadAsync(late.Select(hour => (tenantId, hour)))))
            {
                var sum = read.Sum();
                if (!rows.TryGetValue(hour, out var row) || row.Requests <= sum.Requests)
                {
                    rows[hour] = HourRow.Of(tenantId, hour, sum, read.Routes);
                }
            }
        }
        catch (Exception away) when (RedisFailure.Is(away))
        {
            // What has been carried over is better than nothing.
        }

        return (rows.Select(row => (row.Key, row.Value.Use)), rows.Values.SelectMany(row => row.ByRoute));
    }

    private static IEnumerable<DateTime> Hours(DateTime from, DateTime to)
    {
        for (var hour = TenantTally.Hour(from); hour < to; hour = hour.AddHours(1))
        {
            yield return hour;
        }
    }
}

/// <summary>What there was, in steps.</summary>
/// <param name="Steps">Each step's beginning and what it came to, oldest first, without gaps.</param>
/// <param name="Routes">The routes of the hours that were read, the most called first.</param>
public sealed record UseSeries(IReadOnlyList<(DateTime At, Use Use)> Steps, IReadOnlyList<RouteUse> Routes)
{
    /// <summary>All of it.</summary>
    public Use Sum() => Steps.Aggregate(new Use(), (sum, step) => sum.Add(step.Use));
}
