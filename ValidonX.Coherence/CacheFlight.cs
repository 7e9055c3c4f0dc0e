namespace ValidonX.Coherence;

/// <summary>One load of one key and those who wait for it. Guarded by the lock of its cache.</summary>
internal sealed class CacheFlight<TValue>
    where TValue : class
{
    private readonly TaskCompletionSource<TValue?> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TValue?> Result => _result.Task;

    /// <summary>When it began; before it begins, later than anything.</summary>
    public long BeganAt { get; set; } = long.MaxValue;

    /// <summary>Nobody waits for it yet: it is one of a few at a time.</summary>
    public bool IsAhead { get; init; }

    /// <summary>The load that begins when this one ends, for those who may not use this one.</summary>
    public CacheFlight<TValue>? Next { get; set; }

    /// <summary>A change overtook it: its waiters came before that and may have the result, but nobody else may.</summary>
    public bool IsFenced { get; private set; }

    public void Fence()
    {
        for (var flight = this; flight is not null; flight = flight.Next)
        {
            flight.IsFenced = true;
        }
    }

    public void Complete(TValue? value) => _result.TrySetResult(value);

    public void Fail(Exception failure)
    {
        _result.TrySetException(failure);
        // All its waiters may have gone: then nobody else looks at it.
        _ = _result.Task.Exception;
    }
}
