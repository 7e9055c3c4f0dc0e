namespace ValidonX.RateLimiting;

/// <summary>What became of a request.</summary>
/// <param name="Refused">The layer that had nothing left; null when the request is admitted.</param>
internal readonly record struct Verdict(LeasedPartition? Refused)
{
    public bool IsAdmitted => Refused is null;
}

/// <summary>Spends leases: synchronously while there are units, otherwise by asking Redis, otherwise from what is this gateway's own.</summary>
internal sealed class LeaseEngine(LeaseLink link, LeaseFlights flights, ReplicaState state, PartitionRegistry registry, RateLimitMetrics metrics)
{
    private readonly TimeSpan _longestWait = 2 * state.Options.CallTimeout + TimeSpan.FromMilliseconds(100);

    public TimeProvider Time => state.Time;

    /// <inheritdoc cref="PartitionRegistry.Get"/>
    public LeasedPartition GetPartition(string scope, RateLimitPolicy policy, string partition) => registry.Get(scope, policy, partition);

    /// <summary>Whether a request would find nothing left, as far as is known here; asks nobody.</summary>
    public bool IsExhausted(LeasedPartition partition) =>
        partition.Assess(state.Time.GetTimestamp()) is Standing.Exhausted or Standing.ExhaustedRecheck;

    /// <summary>Admits the request if every layer has a unit at hand.</summary>
    public bool TryAcquire(RateLimitLayers layers)
    {
        if (!layers.TryTake(state.Time.GetTimestamp(), out var isLow)) return false;
        if (isLow) Renew(layers);
        metrics.Admitted();
        return true;
    }

    /// <summary>Admits or refuses the request. It waits for Redis at most once; a Redis that is away is not waited for.</summary>
    public ValueTask<Verdict> AcquireAsync(RateLimitLayers layers, CancellationToken cancellationToken) =>
        TryAcquire(layers) ? new(default(Verdict)) : AcquireSlowlyAsync(layers, cancellationToken);

    /// <summary>Seconds until the window's end on Redis's clock, rounded up so that a retry is never early; at least 1.</summary>
    public long SecondsLeft(LeasedWindow window)
    {
        if (!state.Clock.IsSet) return 1;
        var (earliest, _) = state.Clock.At(state.Time.GetTimestamp());
        return Math.Max(1, (window.End - earliest + 999_999) / 1_000_000);
    }

    private async ValueTask<Verdict> AcquireSlowlyAsync(RateLimitLayers layers, CancellationToken cancellationToken)
    {
        if (!state.Clock.IsSet) state.Clock.Assume();
        var began = state.Time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (isBetween, isStranded) = (false, false);
            LeasedPartition? wanting = null;
            List<LeasedPartition>? lacking = null;
            var now = state.Time.GetTimestamp();
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
                        flights.Begin([layer], isAwaited: true);
                        return Refuse(layer);
                    case Standing.Stranded when link.WasJustLost:
                        (isStranded, wanting) = (true, layer);
                        break;
                    case Standing.Exhausted or Standing.Stranded:
                        return Refuse(layer);
                }
            }

            var left = _longestWait - state.Time.GetElapsedTime(began);
            if (left < TimeSpan.FromMilliseconds(1)) return Refuse(wanting ?? layers.All[0]);
            if (isBetween)
                await Task.Delay(TimeSpan.FromMilliseconds(1), state.Time, cancellationToken);
            else if (isStranded || lacking is not null && state.Link == LinkState.Returning)
                await FoundAsync(left < state.Options.CallTimeout ? left : state.Options.CallTimeout);
            else if (lacking is not null)
                await flights.WaitAsync(lacking, left);

            if (TryAcquire(layers)) return default;
        }
    }

    private async Task FoundAsync(TimeSpan longest)
    {
        try
        {
            await link.WhenFound.FollowAsync().WaitAsync(longest, state.Time);
        }
        catch (TimeoutException)
        {
            // The caller decides.
        }
    }

    private Verdict Refuse(LeasedPartition layer)
    {
        metrics.Refused(layer.Policy.Name);
        return new(layer);
    }

    private void Renew(RateLimitLayers layers)
    {
        if (state.Link != LinkState.Connected) return;
        var low = layers.All.Where(static layer => layer.Window.Units < layer.Window.RefillBelow && !layer.IsCalling).ToList();
        if (low.Count > 0) flights.Begin(low, isAwaited: false);
    }
}
