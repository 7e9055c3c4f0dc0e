namespace ValidonX.Platform.Redis;

/// <summary>
/// Tells sleeping workers of every process that there is something to do. A hint and no more: signals may be lost or
/// repeated, so the waiter always looks by itself when the wait ends.
/// </summary>
public interface IWakeup
{
    /// <summary>Wakes all who listen to the channel, in this process at once and elsewhere through Redis. Never throws, never waits.</summary>
    void Signal(string channel);

    /// <summary>Starts to listen. A signal from now on ends the next wait, even when nobody waits at that moment.</summary>
    IWakeupListener Listen(string channel);
}

/// <summary>One listener of one channel; dispose it to stop listening.</summary>
public interface IWakeupListener : IDisposable
{
    /// <summary>
    /// Waits for a signal given since the last wait, at most <paramref name="atMost"/>.
    /// Returns whether there was one. One waiter at a time.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken);
}
