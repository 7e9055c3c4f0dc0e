namespace ValidonX.RateLimiting;

/// <summary>
/// What this process knows about Redis's clock: an interval that certainly holds it. A reply with the server's time <c>s</c>, sent for at
/// <c>a</c> and received at <c>b</c> on the local monotonic clock, says that at <c>b</c> the server showed between <c>s</c> and
/// <c>s + (b − a)</c>. Intervals are intersected and widen with the drift allowed since. Thread-safe; times in microseconds.
/// </summary>
internal sealed class ServerClock(TimeProvider time, LeasingOptions options)
{
    private readonly double _perTick = 1_000_000.0 / time.TimestampFrequency;
    private readonly double _drift = options.ClockDrift;
    private readonly double _cap = options.LargestClockUncertainty.TotalMicroseconds;
    private readonly Lock _observing = new();
    private volatile Estimate? _estimate;
    private volatile int _corrections;

    /// <summary>Whether anything is known: before, nothing may be spent.</summary>
    public bool IsSet => _estimate is not null;

    /// <summary>How often what was known turned out to be wrong, so that instants reckoned before have to be reckoned anew.</summary>
    public int Corrections => _corrections;

    /// <summary>Takes in a reply. Returns false when it corrects what was known: the server's clock was set, or had only been assumed.</summary>
    public bool Observe(long serverNow, long sent, long received)
    {
        lock (_observing)
        {
            double earliest = serverNow;
            var latest = serverNow + Elapsed(sent, received) * (1 + _drift);
            var isConsistent = true;
            if (_estimate is { } known)
            {
                var (knownEarliest, knownLatest) = At(known, received);
                isConsistent = !known.IsAssumed && knownEarliest <= latest && earliest <= knownLatest;
                if (isConsistent)
                {
                    earliest = Math.Max(earliest, knownEarliest);
                    latest = Math.Min(latest, knownLatest);
                }
                else
                {
                    _corrections++;
                }
            }

            _estimate = new Estimate(received, earliest, latest, IsAssumed: false);
            return isConsistent;
        }
    }

    /// <summary>Trusts this host's own clock until the first reply: a gateway that has never reached Redis still needs windows.</summary>
    public void Assume()
    {
        lock (_observing)
        {
            if (_estimate is not null) return;
            double now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            _estimate = new Estimate(time.GetTimestamp(), now - _cap, now + _cap, IsAssumed: true);
        }
    }

    /// <summary>The earliest and the latest that the server's clock can show at a local timestamp not before the last reply.</summary>
    public (long Earliest, long Latest) At(long timestamp)
    {
        var (earliest, latest) = At(_estimate ?? throw new InvalidOperationException("Redis's clock is not known yet."), timestamp);
        return ((long)Math.Floor(earliest), (long)Math.Ceiling(latest));
    }

    /// <summary>The local timestamp before which the server's clock certainly shows less than <paramref name="instant"/>.</summary>
    public long CertainlyBefore(long instant)
    {
        var known = _estimate!;
        var left = instant - 1 - known.Latest;
        return known.At + (long)(Math.Max(left / (1 + _drift), left - _cap) / _perTick);
    }

    /// <summary>The local timestamp from which the server's clock certainly shows <paramref name="instant"/> or more.</summary>
    public long CertainlyFrom(long instant)
    {
        var known = _estimate!;
        var left = instant + 1 - known.Earliest;
        return known.At + (long)Math.Ceiling(Math.Min(left / (1 - _drift), left + _cap) / _perTick);
    }

    private (double Earliest, double Latest) At(Estimate known, long timestamp)
    {
        var elapsed = Elapsed(known.At, timestamp);
        var margin = Math.Min(Math.Abs(elapsed) * _drift, _cap);
        return (known.Earliest + elapsed - margin, known.Latest + elapsed + margin);
    }

    private double Elapsed(long from, long to) => (to - from) * _perTick;

    private sealed record Estimate(long At, double Earliest, double Latest, bool IsAssumed);
}
