using System.Globalization;
using System.Text;

namespace ValidonX.Platform.Rollups;

/// <summary>What a tenant's requests came to within some time, at one process or all of them together.</summary>
public sealed class Use
{
    private const int Plain = 8;
    private const char Separator = ',';

    private readonly long[] _latency = new long[LatencyBuckets.Count];

    /// <summary>Requests that were answered, refused ones included.</summary>
    public long Requests { get; private set; }

    /// <summary>Those answered with 500 and above.</summary>
    public long Errors { get; private set; }

    /// <summary>Those that the key's own quota refused.</summary>
    public long RefusedByKey { get; private set; }

    /// <summary>Those that the tenant's month refused.</summary>
    public long RefusedByTenant { get; private set; }

    /// <summary>Those that the endpoint's quota refused.</summary>
    public long RefusedByEndpoint { get; private set; }

    /// <summary>For how long they had a connection to the tenant's database.</summary>
    public TimeSpan Database { get; private set; }

    /// <summary>The most jobs that waited at one moment.</summary>
    public long QueueDepth { get; private set; }

    /// <summary>For how many seconds a job has been due, at most.</summary>
    public long QueueAge { get; private set; }

    /// <summary>All that were refused by a limit.</summary>
    public long Refused => RefusedByKey + RefusedByTenant + RefusedByEndpoint;

    /// <summary>The duration in milliseconds that a share of the requests stayed below; null when there was none.</summary>
    public double? Percentile(double share) => LatencyBuckets.Percentile(_latency, share);

    /// <summary>Counts a request.</summary>
    /// <param name="status">The answer's.</param>
    /// <param name="refusedBy">The limit that refused it.</param>
    /// <param name="duration">How long it took; null where that says nothing, as for a stream.</param>
    public void Count(int status, string? refusedBy, TimeSpan? duration)
    {
        Requests++;
        switch (refusedBy)
        {
            case null when status >= 500:
                Errors++;
                break;
            case null:
                break;
            case RollupLayers.Tenant:
                RefusedByTenant++;
                break;
            case RollupLayers.Endpoint:
                RefusedByEndpoint++;
                break;
            default:
                RefusedByKey++;
                break;
        }

        if (duration is { } took)
        {
            _latency[LatencyBuckets.Of(took)]++;
        }
    }

    /// <summary>Counts time with the tenant's database.</summary>
    public void Count(TimeSpan database) => Database += database;

    /// <summary>Notes how long the tenant's queue is.</summary>
    public void Note(long queueDepth, long queueAge)
    {
        QueueDepth = Math.Max(QueueDepth, queueDepth);
        QueueAge = Math.Max(QueueAge, queueAge);
    }

    /// <summary>Adds what was counted elsewhere, or at another time.</summary>
    public Use Add(Use other)
    {
        Requests += other.Requests;
        Errors += other.Errors;
        RefusedByKey += other.RefusedByKey;
        RefusedByTenant += other.RefusedByTenant;
        RefusedByEndpoint += other.RefusedByEndpoint;
        Database += other.Database;
        Note(other.QueueDepth, other.QueueAge);
        for (var i = 0; i < _latency.Length; i++)
        {
            _latency[i] += other._latency[i];
        }

        return this;
    }

    /// <summary>As it is kept: its numbers, and each class of duration that anything fell into.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().AppendJoin(
            Separator, Requests, Errors, RefusedByKey, RefusedByTenant, RefusedByEndpoint, Database.Ticks / TimeSpan.TicksPerMicrosecond, QueueDepth, QueueAge);
        for (var i = 0; i < _latency.Length; i++)
        {
            if (_latency[i] > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $",{i}:{_latency[i]}");
            }
        }

        return text.ToString();
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is none.</summary>
    public static Use? Parse(string text)
    {
        var parts = text.Split(Separator);
        if (parts.Length < Plain)
        {
            return null;
        }

        var numbers = new long[Plain];
        for (var i = 0; i < Plain; i++)
        {
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        var use = new Use
        {
            Requests = numbers[0],
            Errors = numbers[1],
            RefusedByKey = numbers[2],
            RefusedByTenant = numbers[3],
            RefusedByEndpoint = numbers[4],
            Database = TimeSpan.FromMicroseconds(numbers[5]),
            QueueDepth = numbers[6],
            QueueAge = numbers[7],
        };
        foreach (var part in parts.AsSpan(Plain))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0
                || !int.TryParse(part.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var bucket)
                || bucket >= LatencyBuckets.Count
                || !long.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                return null;
            }

            use._latency[bucket] = count;
        }

        return use;
    }
}
