namespace ValidonX.Coherence;

/// <summary>The earliest beginnings of loads whose results may be used at some moment, in timestamps; <see cref="long.MaxValue"/>: none may.</summary>
/// <param name="Read">Of what was certainly read from the source.</param>
/// <param name="Copied">Of what may be a copy from Redis, which can be older than its load.</param>
internal readonly record struct LoadBounds(long Read, long Copied)
{
    public static LoadBounds None => new(long.MaxValue, long.MaxValue);

    public bool Admit(LoadOrigin load) => load.BeganAt >= (load.MayBeCopy ? Copied : Read);
}

/// <summary>When a load began, and whether a copy from Redis may have answered it.</summary>
internal readonly record struct LoadOrigin(long BeganAt, bool MayBeCopy);
