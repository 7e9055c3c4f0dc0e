using ValidonX.Coherence;

namespace ValidonX.Tests.Coherence;

/// <summary>A source of one value, whose answers can be held up.</summary>
internal sealed class HeldSource
{
    private TaskCompletionSource<string?>? _held;
    private int _loads;

    public string? Value { get; set; }

    public bool Fails { get; set; }

    public int Loads => Volatile.Read(ref _loads);

    public Func<CacheKey<string>, CancellationToken, Task<string?>> Load => (_, _) =>
    {
        Interlocked.Increment(ref _loads);
        return Fails ? throw new InvalidOperationException() : _held?.Task ?? Task.FromResult(Value);
    };

    public void Hold() => _held = new();

    /// <summary>Answers the load that waits; later ones do not wait.</summary>
    public void Release(string? value)
    {
        var held = _held!;
        _held = null;
        held.SetResult(value);
    }
}
