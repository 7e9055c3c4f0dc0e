using Dapper;
using StackExchange.Redis;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Rollups;

/// <summary>Carries hours from Redis into the platform database, where they are kept for months. Several provisioners may do it at once.</summary>
public sealed class HourRollups(UseHistory history, IConnectionMultiplexer redis, PlatformDatabase platform, TimeProvider time)
{
    private const int AtOnce = 100;

    /// <summary>Writes the hours that have begun within this time as far as they are known. An hour never loses what is written of it.</summary>
    public async Task WriteAsync(TimeSpan back, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        for (var hour = TenantTally.Hour(now - back); hour <= now; hour = hour.AddHours(1))
        {
            var tenants = await redis.GetDatabase().SetMembersAsync(RollupKeys.TenantsOf(hour));
            foreach (var some in tenants.Select(id => Guid.TryParse(id.ToString(), out var parsed) ? parsed : Guid.Empty).Append(Guid.Empty).Distinct().Chunk(AtOnce))
            {
                var read = await history.ReadAsync(some.Select(tenantId => (tenantId, hour)));
                await WriteAsync([.. some.Zip(read, (tenantId, use) => HourRow.Of(tenantId, hour, use.Sum(), use.Routes))], cancellationToken);
            }
        }
    }

    private async Task WriteAsync(IReadOnlyList<HourRow> rows, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var sql = new InterpolatedSql().Add($"INSERT INTO tenant_hours (tenant_id, hour, requests, counts, routes) VALUES ");
        sql.AddJoined(rows.Select(row => (FormattableString)$"({row.TenantId}, {row.Hour}, {row.Requests}, {row.Counts}, {row.Routes})"));
        // "requests" last: the others are judged by what it was.
        sql.Add(
            $"""
             ON DUPLICATE KEY UPDATE
               counts = IF(VALUES(requests) >= requests, VALUES(counts), counts),
               routes = IF(VALUES(requests) >= requests, VALUES(routes), routes),
               requests = GREATEST(requests, VALUES(requests))
             """);
        await connection.ExecuteAsync(sql.ToCommand(cancellationToken));
    }
}
