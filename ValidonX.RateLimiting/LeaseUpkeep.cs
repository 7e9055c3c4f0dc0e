namespace ValidonX.RateLimiting;

/// <summary>
/// What is done between requests: reserves that others need are released, unspent leases of idle partitions go back, and windows that
/// are over are forgotten.
/// </summary>
internal sealed class LeaseUpkeep(
    LeaseLink link, LeaseFlights flights, Membership membership, ReplicaState state, PartitionRegistry registry)
{
    private const int BatchSize = 100;
    private static readonly string MonthMark = $":{QuotaWindow.Month.Tag}:";
    private long _sweptAt = state.Time.GetTimestamp();

    public async Task RunAsync()
    {
        if (state.Link == LinkState.Connected)
        {
            await ReleaseReservesAsync();
            await GiveBackAsync(isStopping: false);
        }

        if (!state.Clock.IsSet || state.Time.GetElapsedTime(_sweptAt) < TimeSpan.FromSeconds(5)) return;
        _sweptAt = state.Time.GetTimestamp();
        var (earliest, _) = state.Clock.At(_sweptAt);
        foreach (var (window, _) in registry.Held)
        {
            var isOver = window.End < earliest && (!window.IsMonth || window.Spent <= window.Flushed);
            if (isOver) registry.Release(window);
        }

        registry.Sweep();
        state.Sweep(earliest);
    }

    /// <summary>Gives back what idle partitions have not spent, and what active ones still hoard of a month; everything when the gateway stops.</summary>
    public async Task GiveBackAsync(bool isStopping)
    {
        var now = state.Time.GetTimestamp();
        List<(LeasedWindow Window, LeasedPartition Partition, bool IsIdle)> spare = [];
        foreach (var (window, partition) in registry.Held)
        {
            if (now >= window.SpendUntil || partition.Window != window) continue;
            if (isStopping)
            {
                spare.Add((window, partition, true));
                continue;
            }

            var isActive = window.Spent != window.LastActivity.Spent;
            if (isActive) window.LastActivity = (window.Spent, now);
            if (window.Units == 0 || partition.IsCalling || now < window.ClosedUntil) continue;
            var isOpen = window.OpenIn == state.Epoch;
            if (!isOpen && window.IsMonth && partition.IsHoarding(window)) flights.Begin([partition], isAwaited: false);
            if (!isOpen) continue;
            if (state.Time.GetElapsedTime(window.LastActivity.At, now) >= state.Options.IdleAfter) spare.Add((window, partition, true));
            else if (isActive && window.IsMonth && partition.IsHoarding(window)) spare.Add((window, partition, false));
        }

        foreach (var batch in spare.Chunk(BatchSize))
        {
            await DeclareAsync(
                batch,
                static held => held.Partition,
                (held, sequence) => held.Partition.GiveBack(held.Window, sequence, held.IsIdle, withReserve: isStopping));
        }
    }

    private async Task ReleaseReservesAsync()
    {
        List<(LeasedPartition, string)> held = [];
        List<WindowClaim> unheld = [];
        var sequence = state.NextSequence();
        foreach (var wanted in membership.ToRelease)
        {
            // "start|end|key", as the script wrote it.
            var parts = wanted.Split('|', 3);
            if (parts.Length != 3 || !long.TryParse(parts[0], out var start) || !long.TryParse(parts[1], out var end)) continue;
            state.GiveUpOwnRight(parts[2], end);
            if (registry.FindByWindow(parts[2]) is { } partition && partition.Window.Key == parts[2] && partition.Window.OwnRightTaken)
                held.Add((partition, parts[2]));
            else
                unheld.Add(new(parts[2], start, end, 0, 0, 0, 0, 0, 0, IsMonth: parts[2].Contains(MonthMark, StringComparison.Ordinal), ""));
        }

        foreach (var batch in unheld.Chunk(BatchSize)) await SendAsync(batch, sequence);
        foreach (var batch in held.Chunk(BatchSize))
            await DeclareAsync(batch, static entry => entry.Item1, static (entry, number) => entry.Item1.ReleaseReserve(entry.Item2, number));
    }

    /// <summary>Changes what is held and declares it, for those of the batch about which no call is under way.</summary>
    private async Task DeclareAsync<T>(IEnumerable<T> batch, Func<T, LeasedPartition> partitionOf, Func<T, long, WindowClaim?> change)
    {
        var flight = new LeaseFlight([]);
        List<WindowClaim> claims = [];
        try
        {
            var sequence = state.NextSequence();
            foreach (var item in batch)
            {
                if (!flights.Join(flight, partitionOf(item))) continue;
                if (change(item, sequence) is { } claim) claims.Add(claim);
            }

            if (claims.Count > 0) await SendAsync(claims.ToArray(), sequence);
        }
        finally
        {
            flights.Release(flight);
        }
    }

    private async Task SendAsync(WindowClaim[] claims, long sequence)
    {
        var call = LeaseProtocol.Declare(state, state.Epoch, sequence, link.Expiry(), claims);
        if (await link.CallAsync(call) is { Status: CallStatus.NewEpoch or CallStatus.Superseded } reply) link.LoseMembership(reply.Status);
    }
}
