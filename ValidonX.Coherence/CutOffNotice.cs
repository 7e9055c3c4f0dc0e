using Microsoft.Extensions.Logging;

namespace ValidonX.Coherence;

/// <summary>
/// Keeps this process in the <see cref="ICutOffRegister"/> for as long as its lease cannot be renewed, beside the renewals and without holding them
/// up. A process without caches has nothing that a writer would have to wait for, and stays out.
/// </summary>
internal sealed partial class CutOffNotice(
    ICutOffRegister register,
    CoherentCaches caches,
    CoherenceOptions options,
    TimeProvider time,
    ILogger<CutOffNotice> logger) : IDisposable
{
    /// <summary>How long an entry counts: as long does a replica that died cut off slow writers down.</summary>
    internal static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ProlongEvery = Life / 6;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);

    private readonly ReplicaView _view = caches.View;
    private readonly Grace _grace = caches.View.Grace;
    private CancellationTokenSource? _stop;
    private Task _stay = Task.CompletedTask;
    private long _begunAt;
    private long _returnedAt;
    private int _times;

    /// <summary>The lease could not be renewed. Called by one thread at a time, like <see cref="Returned"/> and <see cref="EndAsync"/>.</summary>
    public void Begin()
    {
        _grace.IsEnding = false;
        if (_stop is null && caches.Exist)
        {
            _begunAt = time.GetTimestamp();
            _stop = new CancellationTokenSource();
            _stay = StayAsync(new(_view.Id, ++_times), _stay, _stop.Token);
        }
    }

    /// <summary>
    /// The lease is renewed; called after every renewal. One that was not lost in between ends the stay at once. After another the process stays until nothing
    /// that it has loaded before can be in use any more, and loads again meanwhile what is.
    /// </summary>
    public void Returned()
    {
        if (_stop is null)
        {
            return;
        }

        if (!_grace.IsEnding)
        {
            _grace.IsEnding = true;
            _returnedAt = time.GetTimestamp();
        }

        if (_view.BegunAnewAt < _begunAt || time.GetElapsedTime(_returnedAt) >= options.UsableGrace)
        {
            _ = EndAsync();
        }
    }

    /// <summary>The stay is over, or the process stops. Completes when the register knows, or has failed to answer.</summary>
    public Task EndAsync()
    {
        _grace.End();
        _stop?.Cancel();
        _stop = null;
        return _stay;
    }

    public void Dispose() => _stop?.Dispose();

    private async Task StayAsync(CutOffEntry entry, Task before, CancellationToken cancellationToken)
    {
        await before;
        var failed = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            var pause = ProlongEvery;
            if (await TryEnterAsync(entry, cancellationToken) is { } failure)
            {
                pause = RetryAfter;
                if (!failed)
                {
                    failed = true;
                    Log.NotEntered(logger, failure.Message);
                }
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // What was confirmed while it was ended.
        _grace.End();
        await LeaveAsync(entry);
    }

    private async Task<Exception?> TryEnterAsync(CutOffEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            var asked = time.GetTimestamp();
            await register.EnterAsync(entry, Life, cancellationToken).WaitAsync(options.AnswerWithin, time, cancellationToken);
            _grace.Prolong(time.GetTimestamp(), asked + (long)((Life - options.Margin).TotalSeconds * time.TimestampFrequency));
            return null;
        }
        catch (Exception failure)
        {
            // Whatever it is: without the entry there is no grace, and every read goes to the source.
            return cancellationToken.IsCancellationRequested ? null : failure;
        }
    }

    private async Task LeaveAsync(CutOffEntry entry)
    {
        try
        {
            await register.LeaveAsync(entry, CancellationToken.None).WaitAsync(options.AnswerWithin, time);
        }
        catch (Exception failure)
        {
            Log.NotLeft(logger, Life, failure.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "While Redis is away every read goes to the source, because the database could not note that this process is without Redis: {Reason}")]
        public static partial void NotEntered(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Information, "Writers may go on waiting for this process for up to {Time}: {Reason}")]
        public static partial void NotLeft(ILogger logger, TimeSpan time, string reason);
    }
}
