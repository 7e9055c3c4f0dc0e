using System.Text.Json;
using StackExchange.Redis;
using ValidonX.Coherence;

namespace ValidonX.LicensingApi.SlowQueries;

/// <summary>The newest slow statements of each tenant, in Redis: few, and for a day. Nobody waits for them to be written, and what Redis does not take is not told.</summary>
internal sealed class SlowQueryList(IConnectionMultiplexer redis)
{
    /// <summary>Most of a tenant.</summary>
    public const int Most = 50;

    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>Adds some. Never throws because Redis is away, never waits.</summary>
    public void Add(Guid tenantId, IEnumerable<SlowQuery> queries)
    {
        var (key, rows) = (KeyOf(tenantId), queries.Select(query => (RedisValue)JsonSerializer.SerializeToUtf8Bytes(query, LicensingJson.Default.SlowQuery)).ToArray());
        try
        {
            var database = redis.GetDatabase();
            database.ListLeftPush(key, rows, flags: CommandFlags.FireAndForget);
            database.ListTrim(key, 0, Most - 1, CommandFlags.FireAndForget);
            database.KeyExpire(key, Kept, flags: CommandFlags.FireAndForget);
        }
        catch (Exception away) when (RedisFailure.Is(away))
        {
            // The request has its answer; what was slow in it shows in traces, too.
        }
    }

    /// <summary>Those of a tenant, the newest first.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<IReadOnlyList<SlowQuery>> ReadAsync(Guid tenantId)
    {
        var rows = await redis.GetDatabase().ListRangeAsync(KeyOf(tenantId), 0, Most - 1);
        return [.. rows.Select(row => Read((byte[])row!)).OfType<SlowQuery>()];
    }

    internal static string KeyOf(Guid tenantId) => $"tenant:{tenantId}:slow-queries";

    /// <summary>Null of what another version has written that this one cannot read.</summary>
    private static SlowQuery? Read(byte[] row)
    {
        try
        {
            return JsonSerializer.Deserialize(row, LicensingJson.Default.SlowQuery);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
