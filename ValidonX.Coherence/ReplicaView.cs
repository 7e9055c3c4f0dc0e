namespace ValidonX.Coherence;

/// <summary>
/// What this process knows of the sequence of changes, and until when it may trust its caches.
/// <para>
/// Changes are numbered 1, 2, 3… within an epoch, the life of one content of Redis. The view knows up to which number it has applied
/// them <em>all</em>. A renewal tells the number of the last change at its time; the lease is prolonged when the view has reached
/// that number, and it is counted from the moment when the renewal was sent, so that it ends here before it ends in Redis. Hence a valid
/// lease means that every change announced before the lease was last prolonged is applied here, and the writers of later
/// ones still wait for this replica.
/// </para>
/// </summary>
/// <param name="time">Its timestamps measure the lease.</param>
/// <param name="options">Lease and margin.</param>
/// <param name="beginAnew">Nothing that was loaded under an earlier lease may be used from now on.</param>
internal sealed class ReplicaView(TimeProvider time, CoherenceOptions options, Action beginAnew)
{
    private const int MostAhead = 10_000;

    private readonly long _validFor = (long)((options.Lease - options.Margin).TotalSeconds * time.TimestampFrequency);
    private readonly Lock _gate = new();
    private readonly HashSet<long> _ahead = [];
    private string? _aheadEpoch;
    private string? _epoch;
    private long _applied;
    private long _target;
    private long _targetSentAt;
    private long _begunAnewAt = long.MinValue;
    private long _validUntil = long.MinValue;
    private TaskCompletionSource _reached = CompletedSource();

    /// <summary>Unique to this start of this process.</summary>
    public string Id { get; } = Guid.CreateVersion7().ToString("N");

    /// <summary>What counts while there is no lease.</summary>
    public Grace Grace { get; } = new();

    /// <summary>Whether the grace is on, be there a lease still or not.</summary>
    public bool IsGraceOn => Grace.IsOn(time.GetTimestamp());

    /// <summary>Whether the caches may be used without more ado.</summary>
    public bool IsValid => IsValidAt(time.GetTimestamp());

    /// <summary>Timestamp from which on loads count under the present lease: it began then, or changes were lost.</summary>
    public long BegunAnewAt => Volatile.Read(ref _begunAnewAt);

    /// <summary>Completes when all changes that the last renewal told of are applied.</summary>
    public Task Reached => Volatile.Read(ref _reached).Task;

    /// <summary>Whether changes were seen while an earlier one was not.</summary>
    public bool HasGap
    {
        get
        {
            lock (_gate)
            {
                return _ahead.Count > 0;
            }
        }
    }

    /// <summary>Epoch, and the number up to which every change of it is applied.</summary>
    public (string? Epoch, long Applied) Position
    {
        get
        {
            lock (_gate)
            {
                return (_epoch, _applied);
            }
        }
    }

    /// <summary>Whether the change is applied, by itself or because everything was dropped since.</summary>
    public bool Includes(string epoch, long sequence)
    {
        lock (_gate)
        {
            return epoch == _epoch && sequence <= _applied;
        }
    }

    /// <summary><see cref="IsValid"/> for a timestamp just taken.</summary>
    public bool IsValidAt(long now) => now < Volatile.Read(ref _validUntil);

    /// <summary>
    /// The earliest beginning of a load that may be used at <paramref name="now"/>: the present lease's, or while the grace is on that of the last moment, be
    /// there a lease again or not; <see cref="long.MaxValue"/> when none may.
    /// </summary>
    /// <param name="now">A timestamp just taken.</param>
    /// <param name="age">In the grace, the most that may have passed since the beginning of the load.</param>
    public long UsableFrom(long now, long age)
    {
        var loadedFrom = Grace.LoadedFrom(now, age);
        // Read after the lease was seen to hold, so that it is not an earlier one's.
        return IsValidAt(now) ? Math.Min(BegunAnewAt, loadedFrom) : loadedFrom;
    }

    /// <summary>
    /// From when on what was loaded may be used without loading it again. While this replica is cut off that is only what it loaded since, even under the lease
    /// that it still has, so that it has loaded what is in use when that ends; with a new lease only what it loaded under that.
    /// </summary>
    /// <param name="now">A timestamp just taken.</param>
    /// <param name="age">While cut off, the most that may have passed since the beginning of the load.</param>
    public long FreshFrom(long now, long age)
    {
        var isLeased = IsValidAt(now);
        return Grace.IsOn(now) && !(isLeased && Grace.IsEnding) ? Grace.LoadedFrom(now, age)
            : isLeased ? BegunAnewAt
            : long.MaxValue;
    }

    /// <summary>A change has been applied to the caches. False when an earlier one is missing, or its epoch is unknown.</summary>
    public bool Applied(string epoch, long sequence)
    {
        lock (_gate)
        {
            if (epoch == _epoch && sequence <= _applied)
            {
                return true;
            }

            if (epoch != _aheadEpoch || _ahead.Count >= MostAhead)
            {
                _ahead.Clear();
                _aheadEpoch = epoch;
            }

            _ahead.Add(sequence);
            Advance();
            return _ahead.Count == 0;
        }
    }

    /// <summary>
    /// A renewal that was sent at <paramref name="sentAt"/> succeeded. True when the view has all changes up to
    /// <paramref name="sequence"/> and the lease is prolonged; false when it waits for them, see <see cref="Reached"/>.
    /// </summary>
    public bool Renewed(long sentAt, string epoch, long sequence)
    {
        lock (_gate)
        {
            (_target, _targetSentAt) = (sequence, sentAt);
            if (epoch != _epoch)
            {
                // Another content of Redis: nothing learned from the one before counts.
                _epoch = epoch;
                JumpToTarget();
                return true;
            }

            if (_applied >= sequence)
            {
                Prolong();
                return true;
            }

            if (_reached.Task.IsCompleted)
            {
                Volatile.Write(ref _reached, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            return false;
        }
    }

    /// <summary>Gives up waiting for lost changes: empties the caches instead, which includes them. False when there was nothing to give up.</summary>
    public bool CatchUp()
    {
        lock (_gate)
        {
            if (_epoch is null || _applied >= _target)
            {
                return false;
            }

            JumpToTarget();
            return true;
        }
    }

    /// <summary>Ends the lease here and now.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            Volatile.Write(ref _validUntil, long.MinValue);
        }
    }

    private void JumpToTarget()
    {
        BeginAnew();
        _applied = _target;
        _ahead.RemoveWhere(sequence => _aheadEpoch == _epoch && sequence <= _applied);
        Advance();
        Prolong();
    }

    private void Advance()
    {
        if (_aheadEpoch != _epoch)
        {
            return;
        }

        while (_ahead.Remove(_applied + 1))
        {
            _applied++;
        }

        if (_applied >= _target && !_reached.Task.IsCompleted)
        {
            Prolong();
        }
    }

    private void Prolong()
    {
        _reached.TrySetResult();
        var now = time.GetTimestamp();
        var until = _targetSentAt + _validFor;
        if (until <= now)
        {
            return;
        }

        if (!IsValidAt(now))
        {
            BeginAnew();
        }

        Volatile.Write(ref _validUntil, until);
    }

    private void BeginAnew()
    {
        beginAnew();
        Volatile.Write(ref _begunAnewAt, time.GetTimestamp());
    }

    private static TaskCompletionSource CompletedSource()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
