using System.Collections.Concurrent;
using System.Diagnostics;
using ValidonX.Coherence;

namespace ValidonX.Tests.Coherence;

/// <summary>A register that replicas of one test share, which can fail and be late as a database can.</summary>
internal sealed class SharedRegister : ICutOffRegister
{
    private readonly ConcurrentDictionary<CutOffEntry, long> _until = new();
    private volatile bool _isAway;
    private volatile TaskCompletionSource? _held;
    private int _calls;
    private int _leaving;

    /// <summary>It notes nobody, and never has anybody: a platform without the grace.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Every call fails.</summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>How often it was asked for anything.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>How often it was told to take an entry out.</summary>
    public int Leaving => Volatile.Read(ref _leaving);

    /// <summary>The entries that count.</summary>
    public IReadOnlyList<CutOffEntry> Entries => [.. _until.Where(entry => entry.Value > Stopwatch.GetTimestamp()).Select(entry => entry.Key)];

    /// <summary>From now on, what is taken out is taken out only after <see cref="LetLeave"/>, whatever the caller has been told.</summary>
    public void HoldLeaving() => _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetLeave() => _held!.SetResult();

    public async Task EnterAsync(CutOffEntry entry, TimeSpan life, CancellationToken cancellationToken)
    {
        await ArriveAsync();
        if (IsClosed)
        {
            throw new InvalidOperationException("This register takes nobody.");
        }

        _until[entry] = Stopwatch.GetTimestamp() + (long)(life.TotalSeconds * Stopwatch.Frequency);
        await ArriveAsync();
    }

    public async Task LeaveAsync(CutOffEntry entry, CancellationToken cancellationToken)
    {
        await ArriveAsync();
        Interlocked.Increment(ref _leaving);
        if (_held is { } held)
        {
            await held.Task;
        }

        _until.TryRemove(entry, out _);
    }

    public async Task<bool> HasOthersAsync(string replica, CancellationToken cancellationToken)
    {
        await ArriveAsync();
        var found = Entries.Any(entry => entry.Replica != replica);
        await ArriveAsync();
        return found;
    }

    private async Task ArriveAsync()
    {
        Interlocked.Increment(ref _calls);
        await Task.Yield();
        if (IsAway)
        {
            throw new TimeoutException("The register is away.");
        }
    }
}
