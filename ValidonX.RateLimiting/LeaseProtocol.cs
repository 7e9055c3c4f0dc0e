using StackExchange.Redis;

namespace ValidonX.RateLimiting;

/// <summary>One call of <c>leases.lua</c>: keys and arguments, in the order the script reads them.</summary>
internal sealed record LeaseCall(RedisKey[] Keys, RedisValue[] Arguments);

/// <summary>What a gateway says about one window when it asks for a lease or declares what it holds.</summary>
internal readonly record struct WindowClaim(
    string Key, long Start, long End, long Quota, long Granted, long Reserve, long Need, long Ahead, long Claim, bool IsMonth, string Seed);

internal enum CallStatus
{
    Ok,

    /// <summary>The call reached the script after its expiry and did nothing.</summary>
    Expired,

    /// <summary>Redis has forgotten: restarted, flushed, or its clock was set back.</summary>
    NewEpoch,

    /// <summary>A window is not the current one by Redis's clock.</summary>
    Moved,

    /// <summary>A later call of this gateway about the same window came first.</summary>
    Stale,

    /// <summary>Another process runs under this replica's name.</summary>
    Superseded,

    /// <summary>Redis does not count this gateway as a member.</summary>
    NotMember,
}

internal enum WindowStatus
{
    Granted,
    Refused,

    /// <summary>Redis does not know what was spent in this window and grants nothing in it.</summary>
    Closed,

    /// <summary>A monthly window needs the counts of the monthly store first.</summary>
    Unseeded,

    /// <summary>There were units, but another layer of the same request had none.</summary>
    Withheld,
}

/// <summary>The script's answer about one window.</summary>
internal readonly record struct WindowReply(WindowStatus Status, long Grant, long Reserve, long ReserveTarget, long Rest, bool OthersHold);

/// <summary>The script's answer.</summary>
internal sealed class LeaseReply(RedisResult[] items)
{
    public CallStatus Status { get; } = (CallStatus)(int)items[0];

    public long Now { get; } = (long)items[1];

    public string Epoch { get; } = (string)items[2]!;

    public long Integer(int index) => (long)items[index];

    public string Text(int index) => (string?)items[index] ?? "";

    public string[] Texts(int index) => [.. ((string?[]?)items[index] ?? []).Select(text => text ?? "")];

    public WindowReply Window(int index)
    {
        var values = (long[])items[4 + index]!;
        return new((WindowStatus)values[0], values[1], values[2], values[3], values[4], values[5] == 1);
    }
}

/// <summary>Writes the calls of <c>leases.lua</c>.</summary>
internal static class LeaseProtocol
{
    private static readonly RedisKey EpochKey = "rl:epoch";
    private static readonly RedisKey MembersKey = "rl:members";

    public static LeaseCall Probe(ReplicaState state) => new([EpochKey, MembersKey], Header(state, "probe", 0, 0, 8));

    /// <param name="state">Who calls.</param>
    /// <param name="sequence">Larger than that of every earlier call.</param>
    /// <param name="expiry">Redis's time after which the call must not act.</param>
    /// <param name="isLeaving">Whether the gateway stops.</param>
    /// <param name="isReturning">Whether everything it may have spent on its own has been declared.</param>
    public static LeaseCall Beat(ReplicaState state, long sequence, long expiry, bool isLeaving, bool isReturning)
    {
        var arguments = Header(state, "beat", sequence, expiry, 14);
        arguments[8] = isReturning ? 0 : state.Version;
        arguments[9] = state.Share;
        arguments[10] = state.Options.Replicas;
        arguments[11] = isLeaving ? "1" : "0";
        arguments[12] = isReturning ? "1" : "0";
        arguments[13] = state.Members;
        return new([EpochKey, MembersKey], arguments);
    }

    /// <summary>Asks for units in windows; with <paramref name="isAtomic"/> in all or in none.</summary>
    public static LeaseCall Lease(ReplicaState state, long sequence, long expiry, bool isAtomic, ReadOnlySpan<WindowClaim> claims) =>
        About(state, "lease", state.Epoch, sequence, expiry, isAtomic, claims);

    /// <summary>States what the gateway holds in windows; nothing is granted.</summary>
    public static LeaseCall Declare(ReplicaState state, string epoch, long sequence, long expiry, ReadOnlySpan<WindowClaim> claims) =>
        About(state, "declare", epoch, sequence, expiry, false, claims);

    private static LeaseCall About(
        ReplicaState state, string mode, string epoch, long sequence, long expiry, bool isAtomic, ReadOnlySpan<WindowClaim> claims)
    {
        const int perClaim = 10;
        var keys = new RedisKey[2 + claims.Length];
        var arguments = Header(state, mode, sequence, expiry, 10 + perClaim * claims.Length);
        keys[0] = EpochKey;
        keys[1] = MembersKey;
        arguments[4] = epoch;
        arguments[8] = isAtomic ? "1" : "0";
        arguments[9] = claims.Length;
        for (var i = 0; i < claims.Length; i++)
        {
            ref readonly var claim = ref claims[i];
            keys[2 + i] = claim.Key;
            var at = 10 + perClaim * i;
            arguments[at] = claim.Start;
            arguments[at + 1] = claim.End;
            arguments[at + 2] = claim.Quota;
            arguments[at + 3] = claim.Granted;
            arguments[at + 4] = claim.Reserve;
            arguments[at + 5] = claim.Need;
            arguments[at + 6] = claim.Ahead;
            arguments[at + 7] = claim.Claim;
            arguments[at + 8] = claim.IsMonth ? "1" : "0";
            arguments[at + 9] = claim.Seed;
        }

        return new(keys, arguments);
    }

    private static RedisValue[] Header(ReplicaState state, string mode, long sequence, long expiry, int length)
    {
        var arguments = new RedisValue[length];
        arguments[0] = mode;
        arguments[1] = state.ReplicaId;
        arguments[2] = state.Incarnation;
        arguments[3] = sequence;
        arguments[4] = state.Epoch;
        arguments[5] = expiry;
        arguments[6] = (long)state.Options.SettleTime.TotalMicroseconds;
        arguments[7] = (long)state.Options.ForgetAfter.TotalMicroseconds;
        return arguments;
    }
}
