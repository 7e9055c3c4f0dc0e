namespace ValidonX.RateLimiting;

/// <summary>What became of a request.</summary>
/// <param name="Refused">The layer that had nothing left; null when the request is admitted.</param>
public readonly record struct Verdict(LeasedPartition? Refused)
{
    public bool IsAdmitted => Refused is null;
}

/// <summary>Spends leases: synchronously while there are units, otherwise by asking Redis, otherwise from what is this gateway's own.</summary>
public sealed class LeaseEngine
{
    private readonly LeaseLink _link;
    private readonly LeaseFlights _flights;
    private readonly ReplicaState _state;
    private readonly PartitionRegistry _registry;
    private readonly RateLimitMetrics _metrics;
    private readonly TimeSpan _longestWait;

    internal LeaseEngine(LeaseLink link, LeaseFlights flights, ReplicaState state, PartitionRegistry registry, RateLimitMetrics metrics)
    {
        (_link, _flights, _state, _registry, _metrics) = (link, flights, state, registry, metrics);
        _longestWait = 2 * state.Options.CallTimeout + TimeSpan.FromMilliseconds(100);
    }

    /// <summary>The partition of a caller under a policy, the same object every time; the policy's quota comes into force at once.</summary>
    /// <param name="scope">Who owns the counter: the beginning of its key in Redis.</param>
    /// <param name="policy">Quota and window.</param>
    /// <param name="partition">Who is counted within the scope.</param>
    public LeasedPartition GetPartition(string scope, RateLimitPolicy policy, string partition) => _registry.Get(scope, policy, partition);

    /// <summary>Whether a request would find nothing left, as far as is known here; asks nobody.</summary>
    public bool IsExhausted(LeasedPartition partition) =>
        partition.Assess(_state.Time.GetTimestamp()) is Standing.Exhausted or Standing.ExhaustedRecheck;

    /// <summary>Admits the request if every layer has a unit at hand.</summary>
    public bool TryAcquire(RateLimitLayers layers)
    {
        if (!layers.TryTake(_state.Time.GetTimestamp(), out var isLow)) return false;
        if (isLow) Renew(layers);
        _metrics.Admitted();
        return true;
    }

    /// <summary>Admits or refuses the request. It waits for Redis at most once; a Redis that is away is not waited for.</summary>
    public ValueTask<Verdict> AcquireAsync(RateLimitLayers layers, CancellationToken cancellationToken) =>
        TryAcquire(layers) ? new(default(Verdict)) : AcquireSlowlyAsync(layers, cancellationToken);

    /// <summary>How much of the current window is left, by the best knowledge here; allocates nothing.</summary>
    public QuotaState StateOf(LeasedPartition partition)
    {
        var window = partition.Window;
        return new(window.Remaining, window.End / 1_000_000, window.ResetText, SecondsLeft(window));
    }

    /// <summary>Seconds until the window's end on Redis's clock, rounded up so that a retry is never early; at least 1.</summary>
    internal long SecondsLeft(LeasedWindow window)
    {
        if (!_state.Clock.IsSet) return 1;
        var (earliest, _) = _state.Clock.At(_state.Time.GetTimestamp());
        return Math.Max(1, (window.End - earliest + 999_999) / 1_000_000);
    }

    private async ValueTask<Verdict> AcquireSlowlyAsync(RateLimitLayers layers, CancellationToken cancellationToken)
    {
        if (!_state.Clock.IsSet) _state.Clock.Assume();
        var began = _state.Time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (isBetween, isWaitingForRedis) = (false, false);
            LeasedPartition? wanting = null;
            List<LeasedPartition>? lacking = null;
            var now = _state.Time.GetTimestamp();
            foreach (var layer in layers.All)
            {
                switch (layer.Assess(now))
                {
                    case Standing.Between:
                        (isBetween, wanting) = (true, layer);
                        break;
                    case Standing.Lacking:
                        (lacking ??= []).Add(layer);
                        wanting = layer;
                        break;
                    case Standing.ExhaustedRecheck:
                        _flights.Begin([layer], isAwaited: true);
                        return Refuse(layer);
                    case Standing.NothingWithoutRedis when _link.WasJustLost:
                        (isWaitingForRedis, wanting) = (true, layer);
                        break;
                    case Standing.Exhausted or Standing.NothingWithoutRedis:
                        return Refuse(layer);
                }
            }

            var left = _longestWait - _state.Time.GetElapsedTime(began);
            if (left < TimeSpan.FromMilliseconds(1)) return Refuse(wanting ?? layers.All[0]);
            if (isBetween)
                await Task.Delay(TimeSpan.FromMilliseconds(1), _state.Time, cancellationToken);
            else if (isWaitingForRedis || lacking is not null && _state.Link == LinkState.Returning)
                await FoundAsync(left < _state.Options.CallTimeout ? left : _state.Options.CallTimeout);
            else if (lacking is not null)
                await _flights.WaitAsync(lacking, left);

            if (TryAcquire(layers)) return default;
        }
    }

    private async Task FoundAsync(TimeSpan longest)
    {
        try
        {
            await _link.WhenFound.FollowAsync().WaitAsync(longest, _state.Time);
        }
        catch (TimeoutException)
        {
            // The caller decides.
        }
    }

    private Verdict Refuse(LeasedPartition layer)
    {
        _metrics.Refused(layer.Policy.Name);
        return new(layer);
    }

    private void Renew(RateLimitLayers layers)
    {
        if (_state.Link != LinkState.Connected) return;
        var low = layers.All.Where(static layer => layer.Window.Units < layer.Window.RefillBelow && !layer.IsCalling).ToList();
        if (low.Count > 0) _flights.Begin(low, isAwaited: false);
    }
}
