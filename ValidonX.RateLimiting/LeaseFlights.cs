using System.Collections.Concurrent;

namespace ValidonX.RateLimiting;

/// <summary>Calls about partitions: at most one at a time for each, shared by everyone who waits for it.</summary>
internal sealed class LeaseFlights
{
    private readonly LeaseLink _link;
    private readonly ReplicaState _state;
    private readonly MonthlyCounters _monthly;
    private readonly ConcurrentDictionary<LeaseFlight, byte> _flying = new();

    public LeaseFlights(LeaseLink link, ReplicaState state, MonthlyCounters monthly)
    {
        (_link, _state, _monthly) = (link, state, monthly);
        link.WhenLost = Abandon;
    }

    /// <summary>Waits until Redis has been asked about all of these partitions, in one call: all of them are granted or none.</summary>
    public async Task WaitAsync(List<LeasedPartition> lacking, TimeSpan longest)
    {
        foreach (var partition in lacking) partition.Wait();
        try
        {
            var flight = new LeaseFlight(lacking);
            var landed = Claim(flight);
            if (landed is null)
            {
                landed = flight.Landed;
                _ = FlyAsync(flight, isAwaited: true);
            }

            if (!landed.IsCompleted) await landed.FollowAsync().WaitAsync(longest, _state.Time);
        }
        catch (TimeoutException)
        {
            // The caller looks once more and then decides without Redis.
        }
        finally
        {
            foreach (var partition in lacking) partition.Waited();
        }
    }

    /// <summary>Renews leases in the background; <paramref name="isAwaited"/> asks for one unit even when leases have shrunk to none.</summary>
    public void Begin(List<LeasedPartition> partitions, bool isAwaited)
    {
        var flight = new LeaseFlight(partitions);
        if (Claim(flight) is not null) return;
        if (SynchronizationContext.Current is { } context)
            context.Post(static work => ((Action)work!)(), (Action)Fly);
        else
            ThreadPool.UnsafeQueueUserWorkItem(static work => work(), (Action)Fly, preferLocal: false);

        void Fly() => _ = FlyAsync(flight, isAwaited);
    }

    /// <summary>Claims all partitions, or none and returns the call that one of them waits for.</summary>
    public Task? Claim(LeaseFlight flight)
    {
        for (var i = 0; i < flight.Partitions.Count; i++)
        {
            if (flight.Partitions[i].BeginCall(flight.Landed) is not { } other) continue;
            while (--i >= 0) flight.Partitions[i].EndCall(flight.Landed);
            flight.Land();
            return other;
        }

        _flying.TryAdd(flight, 0);
        return null;
    }

    /// <summary>Claims the partition for this flight, unless another call is under way.</summary>
    public bool Join(LeaseFlight flight, LeasedPartition partition)
    {
        if (partition.BeginCall(flight.Landed) is not null) return false;
        lock (flight) flight.Partitions.Add(partition);
        _flying.TryAdd(flight, 0);
        return true;
    }

    public void Release(LeaseFlight flight)
    {
        _flying.TryRemove(flight, out _);
        lock (flight)
        {
            foreach (var partition in flight.Partitions) partition.EndCall(flight.Landed);
        }

        flight.Land();
    }

    /// <summary>Redis is lost: nobody waits any longer. A reply that still comes counts unless something else was begun meanwhile.</summary>
    private void Abandon()
    {
        foreach (var (flight, _) in _flying) Release(flight);
    }

    private async Task FlyAsync(LeaseFlight flight, bool isAwaited)
    {
        var partitions = flight.Partitions;
        try
        {
            var seeds = new string[partitions.Count];
            for (var i = 0; i < seeds.Length; i++)
            {
                var partition = partitions[i];
                var isUnseeded = partition.Policy.Window.IsMonth && !partition.IsSeeded(_state.Time.GetTimestamp());
                seeds[i] = isUnseeded ? await _monthly.ReadSeedAsync(partition) : "";
            }

            if (_state.Link != LinkState.Connected) return;
            var sequence = _state.NextSequence();
            var claims = new WindowClaim[partitions.Count];
            for (var i = 0; i < claims.Length; i++)
            {
                if (partitions[i].Describe(sequence, _state.Time.GetTimestamp(), isAwaited, seeds[i]) is not { } claim) return;
                claims[i] = claim;
            }

            if (await _link.CallAsync(LeaseProtocol.Lease(_state, sequence, _link.Expiry(), isAwaited, claims)) is not { } reply) return;
            switch (reply.Status)
            {
                case CallStatus.Ok:
                    for (var i = 0; i < claims.Length; i++)
                        partitions[i].Conclude(claims[i].Key, sequence, reply.Window(i), _state.Time.GetTimestamp());
                    break;
                case CallStatus.NewEpoch or CallStatus.NotMember or CallStatus.Superseded:
                    _link.LoseMembership(reply.Status);
                    break;
            }
        }
        finally
        {
            Release(flight);
        }
    }
}

/// <summary>One call and those who wait for it.</summary>
internal sealed class LeaseFlight(List<LeasedPartition> partitions)
{
    private readonly TaskCompletionSource _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<LeasedPartition> Partitions { get; } = partitions;

    public Task Landed => _landed.Task;

    public void Land() => _landed.TrySetResult();
}
