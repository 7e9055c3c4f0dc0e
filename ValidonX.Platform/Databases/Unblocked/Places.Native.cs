namespace ValidonX.Platform.Databases.Unblocked;

/// <summary>
/// The places of a pool of connections, handed out in the order of arrival. Who waits for one waits here and on no thread: the client's own pool would hold a
/// thread for each of them, until none is left for those who have a connection and could give it back.
/// </summary>
internal sealed class Places(int count, TimeSpan patience) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);

    /// <summary>Takes a place.</summary>
    /// <exception cref="TimeoutException">None became free in time.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        if (!await _free.WaitAsync(patience, cancellationToken))
        {
            throw Exhausted();
        }
    }

    /// <summary>The same for a caller that may block.</summary>
    public void Take()
    {
        if (!_free.Wait(patience))
        {
            throw Exhausted();
        }
    }

    public void GiveBack()
    {
        try
        {
            _free.Release();
        }
        catch (ObjectDisposedException)
        {
            // The pool ended before its last connection: nobody waits for a place.
        }
    }

    public void Dispose() => _free.Dispose();

    private TimeoutException Exhausted() => new($"All {count} connections to the database server were in use for {patience.TotalSeconds} s.");
}
