namespace ValidonX.Coherence;

/// <summary>
/// From when to when a replica without a lease may answer with what it has read from the source a moment ago: while the
/// <see cref="ICutOffRegister"/> names it, so that writers wait for that moment. Timestamps of one clock; safe for use by many threads.
/// </summary>
internal sealed class Grace
{
    private long _from;
    private long _until = long.MinValue;
    private volatile bool _isEnding;

    /// <summary>
    /// Whether the process has a lease again: the grace is on only for the moment in which what it loaded before is still good, and is loaded again under the lease.
    /// </summary>
    public bool IsEnding
    {
        get => _isEnding;
        set => _isEnding = value;
    }

    /// <summary>It is in the register, and was at no time since <paramref name="from"/> not.</summary>
    /// <param name="from">Taken when the register had confirmed the entry: what is loaded from then on counts.</param>
    /// <param name="until">The entry's end, counted from before it was asked for.</param>
    public void Prolong(long from, long until)
    {
        // Renewed in time it was never out of the register, so what it has loaded since then still counts.
        if (from >= Volatile.Read(ref _until))
        {
            Volatile.Write(ref _from, from);
        }

        Volatile.Write(ref _until, until);
    }

    /// <summary>Ends it here and now.</summary>
    public void End() => Volatile.Write(ref _until, long.MinValue);

    public bool IsOn(long now) => now < Volatile.Read(ref _until);

    /// <summary>The earliest beginning of a load whose result may be used at <paramref name="now"/>; <see cref="long.MaxValue"/> when none may.</summary>
    /// <param name="now">The moment of use.</param>
    /// <param name="age">The most that may have passed since the beginning of the load.</param>
    public long LoadedFrom(long now, long age) => IsOn(now) ? Math.Max(Volatile.Read(ref _from), now - age + 1) : long.MaxValue;
}
