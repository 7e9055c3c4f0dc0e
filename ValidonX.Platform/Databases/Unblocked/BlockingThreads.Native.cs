using System.Collections.Concurrent;

namespace ValidonX.Platform.Databases.Unblocked;

/// <summary>
/// Threads for calls that block. The pool's threads, one a core, stay with the requests that have something to compute; more of those would only
/// wait for each other (a hot path's P99 was three times as long with 32), and a database that hangs would occupy them all.
/// </summary>
internal sealed class BlockingThreads(int most)
{
    private static readonly TimeSpan IdleLife = TimeSpan.FromSeconds(20);

    private readonly BlockingCollection<Action> _calls = [];
    private readonly Lock _gate = new();
    private int _threads;
    private int _pending;

    /// <summary>Those that all connections of the process share. More calls than that at once wait for each other.</summary>
    public static BlockingThreads Shared { get; } = new(most: 128);

    /// <summary>Runs a call on one of the threads. Once it has begun, only the call's own time-out ends it.</summary>
    public Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var outcome = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var context = ExecutionContext.Capture();
        Add(() =>
        {
            if (context is null)
            {
                Conclude(call, outcome);
            }
            else
            {
                ExecutionContext.Run(context, _ => Conclude(call, outcome), null);
            }
        });
        return outcome.Task;
    }

    /// <summary>The same for a call without a result.</summary>
    public Task RunAsync(Action call, CancellationToken cancellationToken) =>
        RunAsync(
            () =>
            {
                call();
                return true;
            },
            cancellationToken);

    private static void Conclude<T>(Func<T> call, TaskCompletionSource<T> outcome)
    {
        try
        {
            outcome.SetResult(call());
        }
        catch (Exception failure)
        {
            outcome.SetException(failure);
        }
    }

    private void Add(Action call)
    {
        lock (_gate)
        {
            _pending++;
            _calls.Add(call);
            if (_pending <= _threads || _threads == most)
            {
                return;
            }

            _threads++;
        }

        // Flowing the first caller's context into a thread that outlives the call would be wrong.
        using (ExecutionContext.SuppressFlow())
        {
            new Thread(Work) { IsBackground = true, Name = "blocking call" }.Start();
        }
    }

    private void Work()
    {
        while (true)
        {
            if (_calls.TryTake(out var call, IdleLife))
            {
                call();
                lock (_gate)
                {
                    _pending--;
                }

                continue;
            }

            lock (_gate)
            {
                // A call that came between the two belongs to somebody: only one thread too many leaves.
                if (_pending < _threads)
                {
                    _threads--;
                    return;
                }
            }
        }
    }
}
