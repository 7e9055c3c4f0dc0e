namespace ValidonX.Coherence;

/// <summary>
/// The times of the coherence protocol (configuration section <c>Coherence</c>). Every process that shares a Redis has the same ones;
/// docs/decisions/0006-coherent-caches.md tells what follows from them.
/// </summary>
internal sealed class CoherenceOptions
{
    public const string Section = "Coherence";

    /// <summary>How long a lease lasts in Redis: the longest that a writer waits for a replica that died or froze.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>By how much a lease ends earlier for its holder: covers the drift of clocks within one lease.</summary>
    public TimeSpan Margin { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time between renewals.</summary>
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long Redis may take to answer a renewal or a publication.</summary>
    public TimeSpan AnswerWithin { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a message may lag behind a later one, or behind a renewal, before it counts as lost and everything is dropped.</summary>
    public TimeSpan MessageLag { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How long after its load a value may be used without a lease: the longest that a writer waits for a replica that is out of Redis's sight. A value in
    /// use is loaded again ahead of its end.
    /// </summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>The part of <see cref="Grace"/> that the holder of a value uses; the rest covers the drift of clocks.</summary>
    public TimeSpan UsableGrace => Grace - (Grace / 8);

    /// <summary>
    /// How long after its load a value in use is loaded again: late, since each is a load for the source, yet early enough for all that were loaded at the same
    /// time to be loaded again a few at a time.
    /// </summary>
    public TimeSpan LoadAgainAfter => UsableGrace * 3 / 4;

    /// <summary>What is wrong with the values, if anything.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (name, value) in new[]
        {
            (nameof(Lease), Lease), (nameof(Margin), Margin), (nameof(RenewEvery), RenewEvery),
            (nameof(AnswerWithin), AnswerWithin), (nameof(MessageLag), MessageLag),
            (nameof(Grace), Grace),
        })
        {
            if (value <= TimeSpan.Zero)
            {
                yield return $"{Section}:{name} must be above zero.";
            }
        }

        if (Grace > Lease)
        {
            yield return $"{Section}:{nameof(Grace)} must not be above {nameof(Lease)}: writers that cannot reach Redis wait that long.";
        }

        if (Lease < RenewEvery + AnswerWithin + Margin)
        {
            yield return $"{Section}:{nameof(Lease)} must be at least {nameof(RenewEvery)} + {nameof(AnswerWithin)} + {nameof(Margin)}, or one slow renewal loses it.";
        }
    }
}
