namespace ValidonX.Gateway.Resolution;

/// <summary>Remembers for one key or token that its use is noted already, so that noting it again costs one read.</summary>
internal sealed class UseMark
{
    private int _isNoted;

    /// <summary>Whether this is the first use since <see cref="Clear"/>.</summary>
    public bool TryNote() => Volatile.Read(ref _isNoted) == 0 && Interlocked.Exchange(ref _isNoted, 1) == 0;

    /// <summary>The use is written; the next one is to be noted again.</summary>
    public void Clear() => Volatile.Write(ref _isNoted, 0);
}
