namespace ValidonX.Gateway.RateLimiting;

/// <summary>Calls for leases: at most one at a time per partition, shared by everyone who waits for it.</summary>
internal sealed class LeaseFlights(LeaseLink link, ReplicaState state, MonthlyCounters monthly)
{
    /// <summary>Waits until Redis has been asked about all of these partitions, in one call: all of them are granted or none.</summary>
    public async Task WaitAsync(List<LeasedPartition> lacking, TimeSpan longest)
    {
        foreach (var partition in lacking) partition.Wait();
        try
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var lost = link.Lost;
            var flight = Claim(lacking, done) ?? FlyAsync(lacking, done, isAwaited: true);
            if (!flight.IsCompleted) await Task.WhenAny(flight, lost).WaitAsync(longest, state.Time);
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
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Claim(partitions, done) is not null) return;
        if (SynchronizationContext.Current is { } context)
            context.Post(static work => ((Action)work!)(), (Action)Fly);
        else
            ThreadPool.UnsafeQueueUserWorkItem(static work => work(), (Action)Fly, preferLocal: false);

        void Fly() => _ = FlyAsync(partitions, done, isAwaited);
    }

    /// <summary>Claims all partitions, or none and returns the call that one of them waits for.</summary>
    public static Task? Claim(List<LeasedPartition> partitions, TaskCompletionSource done)
    {
        for (var i = 0; i < partitions.Count; i++)
        {
            if (partitions[i].BeginCall(done.Task) is not { } other) continue;
            while (--i >= 0) partitions[i].EndCall();
            done.TrySetResult();
            return other;
        }

        return null;
    }

    public static void Release(List<LeasedPartition> partitions, TaskCompletionSource done)
    {
        foreach (var partition in partitions) partition.EndCall();
        done.TrySetResult();
    }

    private async Task FlyAsync(List<LeasedPartition> partitions, TaskCompletionSource done, bool isAwaited)
    {
        try
        {
            var seeds = new string[partitions.Count];
            for (var i = 0; i < seeds.Length; i++)
            {
                var partition = partitions[i];
                var isUnseeded = partition.Policy.Window.IsMonth && !partition.IsSeeded(state.Time.GetTimestamp());
                seeds[i] = isUnseeded ? await monthly.ReadSeedAsync(partition) : "";
            }

            if (state.Link != LinkState.Connected) return;
            var sequence = state.NextSequence();
            var claims = new WindowClaim[partitions.Count];
            for (var i = 0; i < claims.Length; i++)
            {
                if (partitions[i].Describe(sequence, state.Time.GetTimestamp(), isAwaited, seeds[i]) is not { } claim) return;
                claims[i] = claim;
            }

            if (await link.CallAsync(LeaseProtocol.Lease(state, sequence, link.Expiry(), isAwaited, claims)) is not { } reply) return;
            switch (reply.Status)
            {
                case CallStatus.Ok:
                    for (var i = 0; i < claims.Length; i++)
                        partitions[i].Conclude(claims[i].Key, sequence, reply.Window(i), state.Time.GetTimestamp());
                    break;
                case CallStatus.NewEpoch or CallStatus.Stranger or CallStatus.Superseded:
                    link.Estrange(reply.Status);
                    break;
            }
        }
        finally
        {
            Release(partitions, done);
        }
    }
}
