using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Rollups;

namespace ValidonX.LicensingApi.Metrics;

/// <summary>
/// Reads which tenants call most. To know it, every active tenant is looked at; so many pages that look again and again share one look in five seconds.
/// </summary>
internal sealed class ReadTenantLoads(RecentUse recent, PlatformDatabase platform, TimeProvider time) : IDisposable
{
    private const int Most = 20;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1);
    private TenantLoads? _last;

    /// <summary>Reads it; at most five seconds old.</summary>
    /// <exception cref="StackExchange.Redis.RedisException">Redis is away.</exception>
    public async Task<TenantLoads> ExecuteAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_last is null || now - _last.To is var age && (age >= Fresh || age < TimeSpan.Zero))
            {
                _last = await LookAsync(now, cancellationToken);
            }

            return _last;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<TenantLoads> LookAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var uses = await recent.ReadAsync(now, cancellationToken);
        var active = uses.Where(use => use.Value.Requests > 0).ToList();
        var median = RecentUse.MedianRequests(uses.Values);
        var most = active.OrderByDescending(use => use.Value.Requests).ThenBy(use => use.Key).Take(Most).ToList();
        var names = await NamesAsync([.. most.Select(use => use.Key.ToString())], cancellationToken);
        return new TenantLoads(
            RecentUse.Begin(now),
            now,
            active.Count,
            median,
            [.. most.Where(use => names.ContainsKey(use.Key)).Select(use => Load(use.Key, names[use.Key], use.Value, median))]);
    }

    private static TenantLoad Load(Guid id, Named named, Use use, long median) =>
        new(
            id,
            named.Name,
            named.Slug,
            use.Requests,
            use.Errors,
            use.Refused,
            use.Percentile(0.95),
            Math.Round(use.Database.TotalMilliseconds, 3),
            median == 0 ? null : Math.Round((double)use.Requests / median, 1));

    private async Task<Dictionary<Guid, Named>> NamesAsync(string[] ids, CancellationToken cancellationToken)
    {
        if (ids.Length == 0)
        {
            return [];
        }

        await using var connection = await platform.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<Named>(new CommandDefinition("SELECT id, name, slug FROM tenants WHERE id IN @ids", new { ids }, cancellationToken: cancellationToken)))
            .ToDictionary(named => named.Id);
    }

    private sealed record Named
    {
        public Guid Id { get; init; }

        public string Name { get; init; } = "";

        public string Slug { get; init; } = "";
    }
}
