namespace ValidonX.Tests.RateLimiting.Simulation;

/// <summary>
/// True time and everything that happens in it, on one thread: events in order of time, and the continuations of asynchronous code between
/// them. The same inputs give the same run.
/// </summary>
internal sealed class VirtualWorld : SynchronizationContext
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _order;

    /// <summary>True time in microseconds since the world began.</summary>
    public long Now { get; private set; }

    public void At(long time, Action action) => _events.Enqueue(action, (Math.Max(time, Now), _order++));

    public void After(long delay, Action action) => At(Now + delay, action);

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread) throw new InvalidOperationException("Something left the world's thread.");
        _ready.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing here blocks.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Lets the world go on until the given time.</summary>
    public void Run(long until)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            Drain();
            while (_events.TryPeek(out _, out var next) && next.At <= until)
            {
                Now = next.At;
                _events.Dequeue()();
                Drain();
            }

            Now = until;
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    private void Drain()
    {
        for (var steps = 0; _ready.TryDequeue(out var work); steps++)
        {
            if (steps == 100_000) throw new InvalidOperationException($"Something spins at {Now} µs.");
            work.Callback(work.State);
        }
    }
}
