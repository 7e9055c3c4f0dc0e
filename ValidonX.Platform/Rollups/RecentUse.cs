using StackExchange.Redis;

namespace ValidonX.Platform.Rollups;

/// <summary>
/// What the tenants have experienced in the running minute and in the one before. The server picks the fields of these minutes out of each tenant's hour, so that what is sent does not grow with
/// the hour; hundreds of tenants are asked for at once.
/// </summary>
public sealed class RecentUse(IConnectionMultiplexer redis)
{
    private const int AtOnce = 250;
    private const int PageSize = 2_000;

    /// <summary>Where the minute before the running one begins.</summary>
    public static DateTimeOffset Begin(DateTimeOffset now) => new DateTimeOffset(TenantTally.Minute(now.UtcDateTime), TimeSpan.Zero).AddMinutes(-1);

    /// <summary>Reads it, for every tenant that had any in the hours of these minutes.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<IReadOnlyDictionary<Guid, Use>> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var running = TenantTally.Minute(now.UtcDateTime);
        var database = redis.GetDatabase();
        var uses = new Dictionary<Guid, Use>();
        foreach (var ofHour in (IEnumerable<IGrouping<DateTime, DateTime>>)[.. new[] { running.AddMinutes(-1), running }.GroupBy(TenantTally.Hour)])
        {
            var members = await database.SetMembersAsync(RollupKeys.TenantsOf(ofHour.Key));
            foreach (var some in members.Select(id => Guid.TryParse(id.ToString(), out var tenantId) ? tenantId : Guid.Empty).Where(id => id != Guid.Empty).Chunk(AtOnce))
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var (tenantId, use) in await Task.WhenAll(some.SelectMany(tenantId => ofHour.Select(minute => ReadAsync(database, tenantId, ofHour.Key, minute.Minute)))))
                {
                    uses[tenantId] = uses.TryGetValue(tenantId, out var other) ? other.Add(use) : use;
                }
            }
        }

        return uses;
    }

    /// <summary>
    /// The requests that half of the active tenants stayed at or below; zero when none is active. The lower one of two in the middle: of two active tenants, one of
    /// which calls far more, that one is noisy.
    /// </summary>
    public static long MedianRequests(IEnumerable<Use> uses)
    {
        long[] requests = [.. uses.Select(use => use.Requests).Where(requests => requests > 0).Order()];
        return requests.Length == 0 ? 0 : requests[(requests.Length - 1) / 2];
    }

    private static async Task<(Guid TenantId, Use Use)> ReadAsync(IDatabase database, Guid tenantId, DateTime hour, int minute)
    {
        // By name, because a scan may show a field twice.
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var field in database.HashScanAsync(RollupKeys.OfHour(tenantId, hour), RollupKeys.PatternOf(minute), PageSize))
        {
            fields[field.Name.ToString()] = field.Value.ToString();
        }

        return (tenantId, fields.Values.Select(Use.Parse).OfType<Use>().Aggregate(new Use(), (sum, use) => sum.Add(use)));
    }
}
