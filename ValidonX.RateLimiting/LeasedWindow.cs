namespace ValidonX.RateLimiting;

/// <summary>
/// What this gateway may spend of one window of one partition. <see cref="TryTake"/> is lock-free; everything that is settable is
/// guarded by the partition's gate.
/// </summary>
internal sealed class LeasedWindow(string key, long start, long end, bool isMonth, long spendUntil, int corrections)
{
    private long _units;

    /// <summary>The window's hash in Redis.</summary>
    public string Key { get; } = key;

    /// <summary>First microsecond of the window on Redis's clock.</summary>
    public long Start { get; } = start;

    /// <summary>First microsecond after the window on Redis's clock.</summary>
    public long End { get; } = end;

    public bool IsMonth { get; } = isMonth;

    /// <summary>The window's end in Unix seconds, in digits.</summary>
    public string ResetText { get; } = string.Create(null, $"{end / 1_000_000}");

    /// <summary>Local timestamp from which the window may already be over, so that nothing of it is spent any more.</summary>
    public long SpendUntil { get; set; } = spendUntil;

    /// <summary>Of the clock by which <see cref="SpendUntil"/> was reckoned (<see cref="ServerClock.Corrections"/>).</summary>
    public int ClockCorrections { get; set; } = corrections;

    /// <summary>Units that can be spent now, without asking anyone.</summary>
    public long Units => Volatile.Read(ref _units);

    /// <summary>Below this a lease is renewed in the background.</summary>
    public long RefillBelow { get; set; }

    /// <summary>Units ever granted and not given back: what is spent plus <see cref="Units"/>.</summary>
    public long Granted { get; set; }

    /// <summary>Units that are reserved for this gateway and may be spent only when Redis cannot be asked.</summary>
    public long Reserve { get; set; }

    /// <summary>How large the last reply says that <see cref="Reserve"/> should be; it sinks to this with the next call.</summary>
    public long ReserveTarget { get; set; } = long.MaxValue;

    /// <summary>Whether the gateway's right in a window nobody granted it was taken into account.</summary>
    public bool OwnRightTaken { get; set; }

    /// <summary>Sequence of the last call about this window; only its reply counts. 0: Redis was never asked.</summary>
    public long LastCall { get; set; }

    /// <summary>
    /// What was left of the quota beyond <see cref="Granted"/>, over all replicas, when Redis last answered; before, what is this gateway's own.
    /// </summary>
    public long Rest { get; set; }

    /// <summary>Whether <see cref="Rest"/> comes from a reply.</summary>
    public bool HasAnswer { get; set; }

    /// <summary>The epoch in which Redis last granted here, or would have: what is given back then can be had again.</summary>
    public string OpenIn { get; set; } = "";

    /// <summary>Whether Redis has certainly recorded everything this gateway may spend here.</summary>
    public bool IsDeclared { get; set; }

    public bool IsExhausted { get; set; }

    /// <summary>Whether others hold units that may come back into an exhausted window.</summary>
    public bool OthersHold { get; set; }

    /// <summary>Local timestamp at which an exhausted window is looked at again.</summary>
    public long RecheckAt { get; set; }

    public int Rechecks { get; set; }

    /// <summary>Until this local timestamp Redis cannot grant in this window, and the gateway goes on with what it holds.</summary>
    public long ClosedUntil { get; set; } = long.MinValue;

    /// <summary>Whether the monthly store's counts were handed to Redis in this epoch.</summary>
    public bool IsSeeded { get; set; }

    /// <summary>Whether Redis has just asked for those counts.</summary>
    public bool IsSeedWanted { get; set; }

    /// <summary>How much of <see cref="Spent"/> the monthly store knows.</summary>
    public long Flushed { get; set; }

    /// <summary>For the idle check: <see cref="Spent"/> and the local timestamp when it last differed.</summary>
    public (long Spent, long At) LastActivity { get; set; }

    public long Spent => Granted - Units;

    /// <summary>Best knowledge of what is left of the quota over all replicas.</summary>
    public long Remaining => Math.Max(0, Rest + Units);

    public bool TryTake()
    {
        var units = Volatile.Read(ref _units);
        while (units > 0)
        {
            var seen = Interlocked.CompareExchange(ref _units, units - 1, units);
            if (seen == units) return true;
            units = seen;
        }

        return false;
    }

    /// <summary>Undoes a <see cref="TryTake"/>: another layer of the request had nothing left.</summary>
    public void PutBack() => Interlocked.Increment(ref _units);

    public void Grant(long units)
    {
        Granted += units;
        Interlocked.Add(ref _units, units);
    }

    /// <summary>Takes all unspent units but so many out of circulation and returns how many those were.</summary>
    public long Withdraw(long keep = 0)
    {
        var held = Volatile.Read(ref _units);
        while (held > keep && Interlocked.CompareExchange(ref _units, keep, held) is var seen && seen != held) held = seen;
        var units = Math.Max(0, held - keep);
        Granted -= units;
        Rest += units;
        RefillBelow = 0;
        return units;
    }

    /// <summary>Makes the reserve spendable: Redis cannot be asked. The reply of a call still under way would count it twice.</summary>
    public void SpendReserve()
    {
        if (Reserve == 0) return;
        LastCall = 0;
        Rest -= Reserve;
        Grant(Reserve);
        Reserve = 0;
        RefillBelow = 0;
    }
}
