namespace ValidonX.Platform.Databases.Unblocked;

/// <summary>
/// Threads for calls that block. The pool's threads, one a core, stay with the requests that have something to compute; more of those would only
/// wait for each other (a hot path's P99 was three times as long with 32), and a database that hangs would occupy them all.
/// </summary>
/// <remarks>
/// An idle thread waits for its own call only, and the one that was busy last gets the next: waiting together on one queue, they would spin and wake each other for
/// every call, which under a load of short ones was a quarter of all processor time.
/// </remarks>
internal sealed class BlockingThreads(int most)
{
    private static readonly TimeSpan IdleLife = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly List<Worker> _idle = [];
    private readonly Queue<Action> _waiting = new();
    private int _threads;

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
        Worker? worker = null;
        lock (_gate)
        {
            if (_idle.Count > 0)
            {
                worker = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
            }
            else if (_threads == most)
            {
                _waiting.Enqueue(call);
                return;
            }
            else
            {
                _threads++;
            }
        }

        if (worker is null)
        {
            new Worker(this).Start(call);
        }
        else
        {
            worker.Hand(call);
        }
    }

    /// <summary>A call that waits for a thread; without one the worker is idle from now on.</summary>
    private Action? Next(Worker worker)
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out var call))
            {
                return call;
            }

            _idle.Add(worker);
            return null;
        }
    }

    /// <summary>The worker has been idle for long. False when a call is on its way to it.</summary>
    private bool Leaves(Worker worker)
    {
        lock (_gate)
        {
            if (!_idle.Remove(worker))
            {
                return false;
            }

            _threads--;
            return true;
        }
    }

    private sealed class Worker(BlockingThreads owner)
    {
        private readonly object _handing = new();
        private Action? _call;

        public void Start(Action first)
        {
            _call = first;
            // Flowing the first caller's context into a thread that outlives the call would be wrong.
            using (ExecutionContext.SuppressFlow())
            {
                new Thread(Work) { IsBackground = true, Name = "blocking call" }.Start();
            }
        }

        public void Hand(Action call)
        {
            lock (_handing)
            {
                _call = call;
                Monitor.Pulse(_handing);
            }
        }

        private void Work()
        {
            while (Take() is { } call)
            {
                call();
                while (owner.Next(this) is { } next)
                {
                    next();
                }
            }
        }

        private Action? Take()
        {
            lock (_handing)
            {
                while (_call is null)
                {
                    if (!Monitor.Wait(_handing, IdleLife) && _call is null && owner.Leaves(this))
                    {
                        return null;
                    }
                }

                var call = _call;
                _call = null;
                return call;
            }
        }
    }
}
