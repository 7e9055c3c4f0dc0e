using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace ValidonX.RateLimiting;

/// <summary>
/// Keeps this gateway a member: a beat just after every half second of Redis's clock (every window begins on a whole one, so that nobody
/// is taken for absent for long), a probe while Redis is away, and the return, which declares first what was spent meanwhile.
/// </summary>
internal sealed partial class Membership(LeaseLink link, ReplicaState state, PartitionRegistry registry, ILogger<Membership> logger)
{
    private const long BeatPeriod = 500_000;
    private const int BatchSize = 100;

    /// <summary>Whether an empty Redis has waited long enough for gateways that remember.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Windows in which others need what is reserved for this gateway, as the last beat told.</summary>
    public IReadOnlyList<string> ToRelease { get; private set; } = [];

    /// <summary>Waits until the next sign of life is due, or Redis is lost.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (state.Link != LinkState.Connected)
        {
            await Task.Delay(state.Options.ProbeInterval, state.Time, cancellationToken);
            return;
        }

        var now = state.Time.GetTimestamp();
        var (earliest, _) = state.Clock.At(now);
        var due = state.Clock.CertainlyFrom((earliest / BeatPeriod + 1) * BeatPeriod);
        var delay = state.Time.GetElapsedTime(now, due) + TimeSpan.FromMilliseconds(1);
        await Task.WhenAny(Task.Delay(delay, state.Time, cancellationToken).FollowAsync(), link.Lost);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Beats, or tries to return.</summary>
    public async Task StepAsync()
    {
        if (state.Link == LinkState.Connected && await BeatAsync(isLeaving: false, isReturning: false)) return;
        await ReturnAsync();
    }

    /// <summary>Tells Redis that this gateway stops; what it held was given back before.</summary>
    public Task LeaveAsync() => BeatAsync(isLeaving: true, isReturning: false);

    private async Task ReturnAsync()
    {
        if (await link.CallAsync(LeaseProtocol.Probe(state)) is not { } probe) return;
        link.BeginReturn();
        if (await DeclareAsync(probe.Epoch, probe.Integer(3)) && await BeatAsync(isLeaving: false, isReturning: true) && link.Found()) return;
        link.GiveUpReturn();
    }

    /// <summary>
    /// States every window that Redis does not know of: those begun on the gateway's own account, and after a loss of memory all that began
    /// under the new epoch and the monthly ones.
    /// </summary>
    private async Task<bool> DeclareAsync(string epoch, long born)
    {
        var isNewEpoch = epoch != state.Epoch;
        var now = state.Time.GetTimestamp();
        var windows = registry.Held
            .Where(held => now < held.Key.SpendUntil && held.Key.OwnRightTaken)
            .Where(held => !held.Key.IsDeclared || isNewEpoch && (held.Key.IsMonth || held.Key.Start >= born))
            .ToArray();
        foreach (var batch in windows.Chunk(BatchSize))
        {
            var sequence = state.NextSequence();
            var claims = batch.Select(held => held.Value.Declare(held.Key, sequence)).ToArray();
            if (await link.CallAsync(LeaseProtocol.Declare(state, epoch, sequence, link.Expiry(), claims)) is not { } reply) return false;
            if (reply.Status == CallStatus.Superseded) Supersede(reply.Integer(3));
            if (reply.Status != CallStatus.Ok) return false;
            foreach (var (window, _) in batch) window.IsDeclared = true;
        }

        return true;
    }

    private async Task<bool> BeatAsync(bool isLeaving, bool isReturning)
    {
        // A beat never acts in a later second than the one it was sent in: so it never acts in a window that begins afterwards. A gateway that leaves
        // spends nothing in that either.
        var (earliest, _) = state.Clock.At(state.Time.GetTimestamp());
        var expiry = isLeaving ? link.Expiry() : Math.Min(link.Expiry(), (earliest / 1_000_000 + 1) * 1_000_000 - 1);
        state.BeatSent(expiry);
        var call = LeaseProtocol.Beat(state, state.NextSequence(), expiry, isLeaving, isReturning);
        if (await link.CallAsync(call) is not { } reply) return false;
        switch (reply.Status)
        {
            case CallStatus.Ok when isLeaving:
                return true;
            case CallStatus.Ok:
                state.Joined(reply);
                IsSettled = reply.Integer(4) == 1;
                ToRelease = reply.Texts(9);
                return true;
            case CallStatus.Expired:
                return !isReturning;
            case CallStatus.Superseded:
                Supersede(reply.Integer(3));
                break;
        }

        link.LoseMembership(reply.Status);
        return false;
    }

    /// <summary>A later incarnation is known: of an earlier run whose clock was ahead, or of another process under the same name.</summary>
    private void Supersede(long incarnation)
    {
        if (!state.HasJoined)
        {
            state.Incarnation = incarnation + 1;
            return;
        }

        var name = $"{state.Options.ReplicaId[..Math.Min(50, state.Options.ReplicaId.Length)]}.{RandomNumberGenerator.GetHexString(8, true)}";
        Log.NameTaken(logger, state.ReplicaId, name);
        registry.Reset();
        state.Rename(name);
    }

    private static partial class Log
    {
        [LoggerMessage(3021, LogLevel.Error,
            "Another gateway runs under the name {Taken}; this one goes on as {Name}. Give every replica its own RateLimiting:Leasing:ReplicaId.")]
        public static partial void NameTaken(ILogger logger, string taken, string name);
    }
}
