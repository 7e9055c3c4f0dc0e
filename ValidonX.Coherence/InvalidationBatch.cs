namespace ValidonX.Coherence;

/// <summary>Changes that travel in one message, and those who wait for it. Guarded by the publisher's lock.</summary>
internal sealed class InvalidationBatch
{
    /// <summary>The most names in one message, so that no script holds Redis for longer than about a millisecond.</summary>
    public const int MostChanges = 512;

    private readonly TaskCompletionSource<InvalidationOutcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<Invalidation> _changes = [];
    private HashSet<string> _awaited = [];
    private ITimer? _deadline;

    public IReadOnlyCollection<Invalidation> Changes => _changes;

    /// <summary>Completes when the callers may return.</summary>
    public Task<InvalidationOutcome> Completion => _completion.Task;

    /// <summary>The wait for replicas that Redis does not know of, over and above <see cref="Completion"/>; settled before that completes.</summary>
    public Task GraceWait { get; private set; } = Task.CompletedTask;

    /// <summary>No more changes may join: it is on its way, or its deadline runs.</summary>
    public bool IsSealed { get; private set; }

    public bool HasDeadline => _deadline is not null;

    public string Epoch { get; private set; } = "";

    public long Sequence { get; private set; }

    /// <summary>Adds changes when there is room for them.</summary>
    public bool TryAdd(IReadOnlyCollection<Invalidation> changes)
    {
        if (IsSealed || (_changes.Count > 0 && _changes.Count + changes.Count > MostChanges))
        {
            return false;
        }

        _changes.UnionWith(changes);
        return true;
    }

    public void Seal() => IsSealed = true;

    /// <summary>Takes over what another batch, whose callers have returned, still has to announce.</summary>
    public void Absorb(InvalidationBatch other)
    {
        _changes.UnionWith(other._changes);
        if (_changes.Count > MostChanges)
        {
            _changes.Clear();
            _changes.Add(Invalidation.Everything);
        }
    }

    /// <summary>It is published: now it waits for these replicas.</summary>
    public void Await(string epoch, long sequence, IEnumerable<string> replicas) => (Epoch, Sequence, _awaited) = (epoch, sequence, [.. replicas]);

    /// <summary>There are such replicas: what they use now, they may use for this time.</summary>
    public void WaitForGrace(TimeSpan grace, TimeProvider clock) => GraceWait = Task.Delay(grace, clock);

    /// <summary>Completes at the latest after the given time.</summary>
    public void CompleteAfter(TimeSpan time, TimeProvider clock, InvalidationOutcome outcome)
    {
        _deadline?.Dispose();
        _deadline = clock.CreateTimer(_ => Complete(outcome), null, time, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The replica has it; true when it was the last one.</summary>
    public bool Acknowledged(string replica) => _awaited.Remove(replica) && _awaited.Count == 0;

    public void Complete(InvalidationOutcome outcome)
    {
        _deadline?.Dispose();
        _completion.TrySetResult(outcome);
    }
}
