using System.Globalization;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Usage;

/// <summary>A counter as it is under its lock.</summary>
internal sealed record CounterRow
{
    public string LicenseId { get; init; } = "";

    public string Code { get; init; } = "";

    public DateTime PeriodStart { get; init; }

    public long Used { get; init; }

    /// <summary>The highest threshold of the period that somebody was told of, in percent; 0: none.</summary>
    public int Told { get; init; }

    public CounterKey Key => new(Guid.Parse(LicenseId), Code, PeriodStart.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
}

/// <summary>An event that was recorded before under one of the keys.</summary>
internal sealed record EarlierEvent
{
    public Guid Id { get; init; }

    public string Code { get; init; } = "";

    public long Quantity { get; init; }

    public DateTimeOffset RecordedAt { get; init; }

    public byte[] KeyHash { get; init; } = [];

    public byte[] RequestHash { get; init; } = [];
}

/// <summary>A threshold that a counter has passed.</summary>
internal sealed record PassedThreshold(CounterKey Counter, int Percent, long Used, long Limit);

/// <summary>
/// Decides about reports, one after the other, while their counters are locked: what is counted, what was counted before, what is refused. Nothing here waits or
/// asks; the same reports and the same rows give the same decisions.
/// </summary>
internal sealed class UsageLedger
{
    private static readonly int[] Thresholds = [80, 100];

    private readonly Dictionary<CounterKey, (long Used, int Told)> _counters;
    private readonly Dictionary<string, (RecordedUsage Recorded, byte[] RequestHash)> _earlier;
    private readonly HashSet<CounterKey> _changed = [];
    private readonly DateTimeOffset _now;

    public UsageLedger(IEnumerable<CounterRow> counters, IEnumerable<EarlierEvent> earlier, DateTimeOffset now)
    {
        _now = now;
        _counters = counters.ToDictionary(row => row.Key, row => (row.Used, row.Told));
        _earlier = earlier.ToDictionary(
            row => Convert.ToHexString(row.KeyHash),
            row => (new RecordedUsage(new ShownUsageEvent(row.Id, row.Code, row.Quantity, row.RecordedAt), IsReplay: true), row.RequestHash),
            StringComparer.Ordinal);
    }

    /// <summary>The events to append.</summary>
    public List<(Guid Id, UsageReport Report)> Events { get; } = [];

    /// <summary>The thresholds that were passed, each once in its period whatever becomes of the limit.</summary>
    public List<PassedThreshold> Passed { get; } = [];

    /// <summary>The counters that were changed.</summary>
    public IEnumerable<(CounterKey Key, long Used)> Counters => _changed.Order().Select(key => (key, _counters[key].Used));

    /// <summary>Takes a report in, or finds it taken in, or says why not.</summary>
    public Outcome<RecordedUsage> Take(UsageReport report)
    {
        var name = report.KeyHash is { } hash ? Convert.ToHexString(hash) : null;
        if (name is not null && _earlier.TryGetValue(name, out var earlier))
        {
            return earlier.RequestHash.AsSpan().SequenceEqual(report.RequestHash) ? earlier.Recorded with { IsReplay = true } : ApiErrors.IdempotencyKeyReused;
        }

        var (used, told) = _counters[report.Counter];
        if (report is { IsHard: true, Limit: { } most } && used + (Int128)report.Quantity > most)
        {
            return ApiErrors.EntitlementLimitExceeded(report.Metric, used, most);
        }

        if (used + (Int128)report.Quantity > long.MaxValue)
        {
            return ApiErrors.ValidationFailed("quantity", "The month's sum would be larger than can be counted.");
        }

        used += report.Quantity;
        _counters[report.Counter] = (used, Tell(report, used, told));
        _changed.Add(report.Counter);
        var id = Guid.CreateVersion7(_now);
        Events.Add((id, report));
        var recorded = new RecordedUsage(new ShownUsageEvent(id, report.Metric, report.Quantity, report.At), IsReplay: false);
        if (name is not null)
        {
            _earlier.Add(name, (recorded, report.RequestHash));
        }

        return recorded;
    }

    private int Tell(UsageReport report, long used, int told)
    {
        foreach (var percent in Thresholds)
        {
            if (percent > told && report.Limit is > 0 and var limit && used >= Math.Ceiling(limit * (percent / 100m)))
            {
                Passed.Add(new PassedThreshold(report.Counter, percent, used, limit));
                told = percent;
            }
        }

        return told;
    }
}
