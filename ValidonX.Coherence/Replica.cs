using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ValidonX.Coherence;

/// <summary>This process as a holder of caches: hears changes, acknowledges them, and keeps its lease as long as it has them all.</summary>
internal sealed partial class Replica(
    ICoherenceBus bus,
    CoherentCaches caches,
    InvalidationPublisher publisher,
    CutOffNotice notice,
    CoherenceOptions options,
    CoherenceMetrics metrics,
    TimeProvider time,
    ILogger<Replica> logger) : BackgroundService
{
    private readonly ReplicaView _view = caches.View;
    private readonly SemaphoreSlim _gapSeen = new(0, 1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Epoch, long Sequence)> _owed = [];
    private bool _acknowledging;
    private bool _isSubscribed;
    private bool _isFailing;

    /// <summary>After which a renewal without an answer is expected to fail.</summary>
    private TimeSpan LateAfter => options.AnswerWithin / 4;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _view.Abandon();
        await notice.EndAsync();
        try
        {
            await bus.LeaveAsync(_view.Id, cancellationToken);
        }
        catch (Exception failure) when (RedisFailure.Is(failure) || failure is OperationCanceledException)
        {
            Log.NotLeft(logger, failure.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await RenewAsync(stoppingToken);
                await NextRenewalAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!_isSubscribed)
            {
                await bus.SubscribeAsync(_view.Id, OnChange, publisher.OnAcknowledged);
                _isSubscribed = true;
            }

            var sentAt = time.GetTimestamp();
            var renewing = bus.RenewAsync(_view.Id, cancellationToken);
            if (await Task.WhenAny(renewing, Task.Delay(LateAfter, time, cancellationToken)) != renewing)
            {
                // Not failed yet, but the sooner it is noted, the more of what is in use is loaded when the lease ends.
                notice.Begin();
            }

            var renewal = await renewing;
            if (!_view.Renewed(sentAt, renewal.Epoch, renewal.Sequence))
            {
                await Task.WhenAny(_view.Reached, Task.Delay(options.MessageLag, time, cancellationToken));
                if (_view.CatchUp())
                {
                    Log.Missed(logger);
                    metrics.Missed();
                    // Whoever sent what was missed is unknown, and waits.
                    var (epoch, applied) = _view.Position;
                    await bus.AcknowledgeAsync(null, new(epoch!, _view.Id, applied), cancellationToken);
                }
            }

            notice.Returned();
            ForgetEarlierEpochs(renewal.Epoch);
            AcknowledgeSoon();
            if (_isFailing)
            {
                _isFailing = false;
                Log.Renewed(logger);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, the answer is the same: try again, and if that does not help in time the lease is lost.
            metrics.RenewalFailed();
            notice.Begin();
            if (!_isFailing)
            {
                _isFailing = true;
                Log.NotRenewed(logger, RedisFailure.Is(failure) ? null : failure, failure.Message);
            }
        }
    }

    /// <summary>Waits until the next renewal is due, which is soon when a message seems lost.</summary>
    private async Task NextRenewalAsync(CancellationToken cancellationToken)
    {
        var due = time.GetTimestamp() + (long)(options.RenewEvery.TotalSeconds * time.TimestampFrequency);
        while (time.GetElapsedTime(time.GetTimestamp(), due) is var left && left > TimeSpan.Zero)
        {
            if (!await _gapSeen.WaitAsync(left, cancellationToken))
            {
                return;
            }

            await Task.Delay(options.MessageLag, time, cancellationToken);
            if (_view.HasGap)
            {
                return;
            }
        }
    }

    private void OnChange(Change change)
    {
        if (!_view.Includes(change.Epoch, change.Sequence))
        {
            caches.Apply(change.Invalidations);
            if (!_view.Applied(change.Epoch, change.Sequence))
            {
                lock (_gate)
                {
                    if (_gapSeen.CurrentCount == 0)
                    {
                        _gapSeen.Release();
                    }
                }
            }
        }

        if (change.Sender != _view.Id)
        {
            lock (_gate)
            {
                var owed = _owed.GetValueOrDefault(change.Sender);
                if (owed.Epoch != change.Epoch || owed.Sequence < change.Sequence)
                {
                    _owed[change.Sender] = (change.Epoch, change.Sequence);
                }
            }
        }

        AcknowledgeSoon();
    }

    /// <summary>Those who wait in an earlier epoch wait for leases to run out: nobody can tell what they would have been told.</summary>
    private void ForgetEarlierEpochs(string epoch)
    {
        lock (_gate)
        {
            foreach (var sender in _owed.Where(debt => debt.Value.Epoch != epoch).Select(debt => debt.Key).ToList())
            {
                _owed.Remove(sender);
            }
        }
    }

    /// <summary>Sends what can be acknowledged. One sending at a time: what is due meanwhile goes with the next.</summary>
    private void AcknowledgeSoon()
    {
        lock (_gate)
        {
            if (_acknowledging || _owed.Count == 0)
            {
                return;
            }

            _acknowledging = true;
        }

        _ = AcknowledgeAsync();
    }

    private async Task AcknowledgeAsync()
    {
        while (true)
        {
            string? epoch;
            long applied;
            List<string> senders;
            lock (_gate)
            {
                // In here: whoever notes a debt from now on finds that nobody is acknowledging, or is served by the next turn.
                (epoch, applied) = _view.Position;
                senders = [.. _owed.Where(debt => debt.Value.Epoch == epoch && debt.Value.Sequence <= applied).Select(debt => debt.Key)];
                if (epoch is null || senders.Count == 0)
                {
                    _acknowledging = false;
                    return;
                }

                senders.ForEach(sender => _owed.Remove(sender));
            }

            try
            {
                await Task.WhenAll(senders.Select(sender => bus.AcknowledgeAsync(sender, new(epoch, _view.Id, applied), CancellationToken.None)));
            }
            catch (Exception failure) when (RedisFailure.Is(failure))
            {
                // The sender then waits until the lease that it knows of has run out.
                Log.NotAcknowledged(logger, failure.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The lease on this process's caches could not be renewed ({Reason}): without it a value is good for a few seconds only and then read again")]
        public static partial void NotRenewed(ILogger logger, Exception? failure, string reason);

        [LoggerMessage(2, LogLevel.Information, "The lease on this process's caches is renewed again")]
        public static partial void Renewed(ILogger logger);

        [LoggerMessage(3, LogLevel.Warning, "Messages about changes were lost: the caches begin anew")]
        public static partial void Missed(ILogger logger);

        [LoggerMessage(4, LogLevel.Debug, "An acknowledgement could not be sent: {Reason}")]
        public static partial void NotAcknowledged(ILogger logger, string reason);

        [LoggerMessage(5, LogLevel.Information, "The registry could not be told that this replica leaves: {Reason}")]
        public static partial void NotLeft(ILogger logger, string reason);
    }
}
