using Microsoft.Extensions.Logging;

namespace ValidonX.Coherence;

/// <summary><see cref="ICoherence"/>: one message is on its way at a time; what comes in meanwhile forms the next.</summary>
internal sealed partial class InvalidationPublisher(
    ICoherenceBus bus,
    ICutOffRegister register,
    CoherentCaches caches,
    CoherenceOptions options,
    CoherenceMetrics metrics,
    TimeProvider time,
    ILogger<InvalidationPublisher> logger) : ICoherence
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly List<InvalidationBatch> _queue = [];
    private readonly List<InvalidationBatch> _awaiting = [];
    private readonly Dictionary<string, Acknowledgement> _latest = [];
    private bool _pumping;
    private bool _failing;
    private bool _isRegisterFailing;

    public async Task InvalidateAsync(IReadOnlyCollection<Invalidation> changes, CancellationToken cancellationToken)
    {
        if (changes.Count == 0)
        {
            return;
        }

        var started = time.GetTimestamp();
        var batch = Enqueue(changes);
        var outcome = await batch.Completion.WaitAsync(cancellationToken);
        await batch.GraceWait.WaitAsync(cancellationToken);
        metrics.Invalidated(time.GetElapsedTime(started), outcome);
        if (outcome == InvalidationOutcome.Unannounced)
        {
            throw new ChangeNotAnnouncedException();
        }
    }

    /// <summary>A replica tells how far it is.</summary>
    public void OnAcknowledged(Acknowledgement acknowledgement)
    {
        lock (_gate)
        {
            if (_latest.TryGetValue(acknowledgement.Replica, out var earlier)
                && earlier.Epoch == acknowledgement.Epoch && earlier.Sequence >= acknowledgement.Sequence)
            {
                return;
            }

            _latest[acknowledgement.Replica] = acknowledgement;
            foreach (var batch in _awaiting)
            {
                if (Covers(acknowledgement, batch.Epoch, batch.Sequence) && batch.Acknowledged(acknowledgement.Replica))
                {
                    batch.Complete(InvalidationOutcome.Acknowledged);
                }
            }

            _awaiting.RemoveAll(batch => batch.Completion.IsCompleted);
        }
    }

    private InvalidationBatch Enqueue(IReadOnlyCollection<Invalidation> changes)
    {
        lock (_gate)
        {
            if (_queue.Count == 0 || !_queue[^1].TryAdd(changes))
            {
                var batch = new InvalidationBatch();
                batch.TryAdd(changes);
                _queue.Add(batch);
            }

            if (!_pumping)
            {
                _pumping = true;
                // Without the caller's context: it is not this request's work alone.
                ThreadPool.UnsafeQueueUserWorkItem(static publisher => _ = publisher.PumpAsync(), this, preferLocal: false);
            }

            return _queue[^1];
        }
    }

    private async Task PumpAsync()
    {
        while (Next() is { } batch)
        {
            try
            {
                // Beside the publication: what counts is that the changes are committed, which they are.
                var looking = IsAnyoneCutOffAsync();
                var publication = await bus.PublishAsync(caches.View.Id, batch.Changes, CancellationToken.None);
                caches.Apply(batch.Changes);
                caches.View.Applied(publication.Epoch, publication.Sequence);
                Published(batch, publication, await looking);
            }
            catch (Exception failure) when (RedisFailure.Is(failure))
            {
                Failed(failure);
                await Task.Delay(RetryAfter, time);
            }
            catch (Exception failure)
            {
                // A mistake, ours or of who runs Redis. The callers get what an unreachable Redis gives them: never a silent success.
                Log.Mistake(logger, failure);
                Failed(failure);
                await Task.Delay(RetryAfter, time);
            }
        }
    }

    private InvalidationBatch? Next()
    {
        lock (_gate)
        {
            if (_queue.Count == 0)
            {
                _pumping = false;
                return null;
            }

            _queue[0].Seal();
            return _queue[0];
        }
    }

    /// <summary>Whether a replica may be using its caches out of Redis's sight.</summary>
    private async Task<bool> IsAnyoneCutOffAsync()
    {
        try
        {
            var found = await register.HasOthersAsync(caches.View.Id, CancellationToken.None).WaitAsync(options.AnswerWithin, time);
            _isRegisterFailing = false;
            return found;
        }
        catch (Exception failure)
        {
            // Whatever it is: who cannot look has to wait.
            if (!_isRegisterFailing)
            {
                _isRegisterFailing = true;
                Log.NotLooked(logger, failure.Message, options.Grace);
            }

            return true;
        }
    }

    private void Published(InvalidationBatch batch, Publication publication, bool isAnyoneCutOff)
    {
        lock (_gate)
        {
            _queue.Remove(batch);
            if (_failing)
            {
                _failing = false;
                Log.Announced(logger);
            }

            if (batch.Completion.IsCompleted)
            {
                return;
            }

            if (isAnyoneCutOff)
            {
                batch.WaitForGrace(options.Grace, time);
            }

            var leases = publication.Leases
                .Where(lease => lease.Key != caches.View.Id && !HasAcknowledged(lease.Key, publication))
                .ToDictionary();
            if (publication.Quarantine > TimeSpan.Zero)
            {
                // Redis began anew. Whoever held a lease from before is not in its registry, and cannot be asked.
                Log.Quarantine(logger, publication.Quarantine);
                var longest = leases.Values.Append(publication.Quarantine).Max();
                batch.CompleteAfter(longest, time, InvalidationOutcome.Lapsed);
            }
            else if (leases.Count == 0)
            {
                batch.Complete(InvalidationOutcome.Acknowledged);
            }
            else
            {
                // A lease that is prolonged after the publication includes the change, see ReplicaView. So the time that was left of it
                // at the publication is the longest that a replica can be without it.
                batch.Await(publication.Epoch, publication.Sequence, leases.Keys);
                batch.CompleteAfter(leases.Values.Max(), time, InvalidationOutcome.Lapsed);
                _awaiting.RemoveAll(other => other.Completion.IsCompleted);
                _awaiting.Add(batch);
            }

            Prune(publication);
        }
    }

    private void Failed(Exception failure)
    {
        lock (_gate)
        {
            if (!_failing)
            {
                _failing = true;
                Log.NotAnnounced(logger, failure.Message);
            }

            // Those whose callers have returned travel with the first, so that a long outage does not pile them up.
            var first = _queue[0];
            foreach (var released in _queue.Skip(1).Where(batch => batch.Completion.IsCompleted))
            {
                first.Absorb(released);
            }

            _queue.RemoveAll(batch => batch != first && batch.Completion.IsCompleted);

            foreach (var batch in _queue)
            {
                batch.Seal();
                caches.Apply(batch.Changes);
                if (!batch.HasDeadline)
                {
                    // From now on: the last renewal may have succeeded an instant before this failure.
                    batch.CompleteAfter(options.Lease + options.Margin, time, InvalidationOutcome.Unannounced);
                }
            }
        }
    }

    private bool HasAcknowledged(string replica, Publication publication) =>
        _latest.TryGetValue(replica, out var acknowledgement) && Covers(acknowledgement, publication.Epoch, publication.Sequence);

    private static bool Covers(Acknowledgement acknowledgement, string epoch, long sequence) =>
        acknowledgement.Epoch == epoch && acknowledgement.Sequence >= sequence;

    private void Prune(Publication publication)
    {
        if (_latest.Count > 2 * publication.Leases.Count + 16)
        {
            foreach (var gone in _latest.Keys.Where(replica => !publication.Leases.ContainsKey(replica)).ToList())
            {
                _latest.Remove(gone);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A change could not be announced ({Reason}): until Redis answers, every write waits for the leases of all replicas to run out")]
        public static partial void NotAnnounced(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Information, "Changes are announced again")]
        public static partial void Announced(ILogger logger);

        [LoggerMessage(3, LogLevel.Information, "Redis began anew: a write waits {Quarantine} for leases given before")]
        public static partial void Quarantine(ILogger logger, TimeSpan quarantine);

        [LoggerMessage(4, LogLevel.Error, "A change could not be announced for a reason that waiting does not cure")]
        public static partial void Mistake(ILogger logger, Exception failure);

        [LoggerMessage(5, LogLevel.Warning, "Whether a replica is without Redis could not be looked up ({Reason}): until it can, every write waits {Grace}")]
        public static partial void NotLooked(ILogger logger, string reason, TimeSpan grace);
    }
}
