namespace ValidonX.RateLimiting;

/// <summary>How a partition stands for a request that found no unit.</summary>
internal enum Standing
{
    /// <summary>There are units after all.</summary>
    Ready,

    /// <summary>It cannot be told yet on which side of a window's boundary Redis's clock is.</summary>
    Between,

    /// <summary>Redis has to be asked.</summary>
    Lacking,

    /// <summary>Nothing is left before the window's end, as far as is known.</summary>
    Exhausted,

    /// <summary>As <see cref="Exhausted"/>, and it is time to look again.</summary>
    ExhaustedRecheck,

    /// <summary>Redis is away and nothing more is this gateway's own.</summary>
    NothingWithoutRedis,
}

/// <summary>
/// One caller under one policy, as this gateway sees it. Resolved keys hold these directly, so that a warm request looks nothing up.
/// </summary>
public sealed class LeasedPartition
{
    /// <summary>Units asked for ahead of demand that is not known yet.</summary>
    private const int FirstLease = 16;

    /// <summary>How long Redis is left alone about a window in which it said that it cannot grant.</summary>
    private static readonly TimeSpan ClosedRecheck = TimeSpan.FromMilliseconds(500);

    private static readonly LeasedWindow None = new("", 0, 0, false, long.MinValue, 0);
    private readonly ReplicaState _state;
    private readonly PartitionRegistry _registry;
    private readonly Lock _gate = new();
    private volatile LeasedWindow _window = None;
    private volatile RateLimitPolicy _policy;
    private Task? _call;
    private int _waiting;
    private double _perSecond;
    private (long Spent, long At) _measured;

    internal LeasedPartition(string keyPrefix, RateLimitPolicy policy, ReplicaState state, PartitionRegistry registry)
    {
        (KeyPrefix, _policy, _state, _registry) = (keyPrefix, policy, state, registry);
    }

    /// <summary>Names the partition, its policy and the window's length: <c>{scope}:rl:{policy}:{partition}:{length}:</c>.</summary>
    public string KeyPrefix { get; }

    public RateLimitPolicy Policy => _policy;

    internal LeasedWindow Window => _window;

    /// <summary>Takes one unit of the current window without asking anyone.</summary>
    /// <param name="now">Local timestamp.</param>
    /// <param name="window">The window whose unit was taken.</param>
    internal bool TryTake(long now, out LeasedWindow window)
    {
        window = _window;
        return now < window.SpendUntil && window.TryTake();
    }

    internal bool IsCalling => Volatile.Read(ref _call) is not null;

    /// <summary>Claims the right to call Redis about this partition. Returns the call under way when there is one.</summary>
    internal Task? BeginCall(Task call) => Interlocked.CompareExchange(ref _call, call, null);

    internal void EndCall(Task call) => Interlocked.CompareExchange(ref _call, null, call);

    internal void Wait() => Interlocked.Increment(ref _waiting);

    internal void Waited() => Interlocked.Decrement(ref _waiting);

    /// <summary>Puts another quota in force at once: what was leased under a larger one is given up.</summary>
    internal void ChangePolicy(RateLimitPolicy policy)
    {
        lock (_gate)
        {
            var difference = policy.Quota - _policy.Quota;
            if (difference == 0) return;
            _policy = policy;
            var window = _window;
            if (window == None) return;
            if (difference < 0)
            {
                window.Withdraw();
                window.Reserve = 0;
            }

            window.IsExhausted = false;
            window.Rest += difference;
            window.HasAnswer = false;
        }
    }

    /// <summary>Why a request found no unit here, after making spendable what may be spent without Redis.</summary>
    internal Standing Assess(long now)
    {
        lock (_gate)
        {
            if (Current(now) is not { } window) return Standing.Between;
            if (window.Units > 0) return Standing.Ready;
            var away = _state.Link == LinkState.Away;
            if (away || now < window.ClosedUntil)
            {
                if (!TakeOwnRight(window, away)) return Standing.Lacking;
                window.SpendReserve();
                return window.Units > 0 ? Standing.Ready : away ? Standing.NothingWithoutRedis : Standing.Exhausted;
            }

            if (!window.IsExhausted) return Standing.Lacking;
            return now >= window.RecheckAt && (window.OthersHold || window.IsMonth) && !IsCalling ? Standing.ExhaustedRecheck : Standing.Exhausted;
        }
    }

    /// <summary>Whether Redis has the monthly store's counts of the current window.</summary>
    internal bool IsSeeded(long now)
    {
        lock (_gate) return Current(now) is { IsSeeded: true };
    }

    /// <summary>What to ask for, or null between two windows. The caller holds the call.</summary>
    internal WindowClaim? Describe(long sequence, long now, bool isAwaited, string seed)
    {
        lock (_gate)
        {
            if (Current(now) is not { } window) return null;
            TakeOwnRight(window, away: false);
            _registry.Hold(window, this);
            window.LastCall = sequence;
            window.Reserve = Math.Min(window.Reserve, window.ReserveTarget);
            MeasureDemand(window, now);

            var (quota, units) = (_policy.Quota, window.Units);
            var secondsLeft = Math.Max(0, (double)(window.SpendUntil - now) / _state.Time.TimestampFrequency);
            var claim = window.IsMonth ? quota : Math.Min(quota, (long)(_perSecond * secondsLeft * 1.5) + Math.Max(4, quota / 50));
            return new(window.Key, window.Start, window.End, quota, window.Granted, window.Reserve,
                isAwaited ? Math.Max(1, Volatile.Read(ref _waiting)) : 0, Math.Max(0, LeaseSize() - units), claim,
                window.IsMonth, seed);
        }
    }

    /// <summary>Takes in what Redis answered to the call of that sequence.</summary>
    internal void Conclude(string key, long sequence, in WindowReply reply, long now)
    {
        lock (_gate)
        {
            var window = _window;
            if (window.Key != key || window.LastCall != sequence) return;
            if (reply.Status is WindowStatus.Closed or WindowStatus.Unseeded)
            {
                if (reply.Status == WindowStatus.Closed || window.IsSeedWanted) window.ClosedUntil = now + Ticks(ClosedRecheck);
                window.IsSeedWanted = reply.Status == WindowStatus.Unseeded;
                window.IsSeeded = false;
                return;
            }

            window.IsSeedWanted = false;
            window.IsSeeded = true;
            window.IsDeclared = true;
            var reported = window.Remaining;
            window.Grant(reply.Grant);
            window.Reserve = reply.Reserve;
            window.ReserveTarget = reply.ReserveTarget;
            window.Rest = reply.Rest;
            if (window.HasAnswer && window.Remaining > reported) window.Rest -= window.Remaining - reported;
            window.HasAnswer = true;
            window.OpenIn = _state.Epoch;
            window.OthersHold = reply.OthersHold;
            window.IsExhausted = reply.Status == WindowStatus.Refused;
            window.RefillBelow = reply.Grant > 0 ? (window.Units + 1) / 2 : window.RefillBelow;
            window.Rechecks = window.IsExhausted ? window.Rechecks + 1 : 0;
            window.RecheckAt = now + Ticks(_state.Options.RecheckInterval) * Math.Min(window.Rechecks, 5);
            if (window.IsExhausted) window.RefillBelow = 0;
        }
    }

    /// <summary>Whether so much more is unspent than a lease would hold, after a time without Redis, that others may miss it.</summary>
    internal bool IsHoarding(LeasedWindow window)
    {
        lock (_gate) return window.Units > 2 * LeaseSize();
    }

    /// <summary>Gives up what is unspent, or what of it a lease would not hold; returns what to declare. The caller holds the call.</summary>
    internal WindowClaim? GiveBack(LeasedWindow window, long sequence, bool withLease, bool withReserve)
    {
        lock (_gate)
        {
            if (window.Withdraw(withLease ? 0 : LeaseSize()) == 0 && !(withReserve && window.Reserve > 0)) return null;
            if (withReserve) window.Reserve = 0;
            return Declare(window, sequence);
        }
    }

    /// <summary>Gives up the reserve in a window that others need, unless Redis is away. Null when there is nothing to declare.</summary>
    internal WindowClaim? ReleaseReserve(string key, long sequence)
    {
        lock (_gate)
        {
            var window = _window;
            if (window.Key != key || !window.OwnRightTaken) return null;
            window.Reserve = 0;
            window.ReserveTarget = 0;
            return Declare(window, sequence);
        }
    }

    /// <summary>States what the gateway holds in a window, for a Redis that has to be told.</summary>
    internal WindowClaim Declare(LeasedWindow window, long sequence)
    {
        lock (_gate)
        {
            window.LastCall = sequence;
            return new(window.Key, window.Start, window.End, _policy.Quota, window.Granted, window.Reserve, 0, 0, 0, window.IsMonth, "");
        }
    }

    /// <summary>Adapts a window to a corrected view of Redis's clock.</summary>
    internal void Reclock(LeasedWindow window)
    {
        lock (_gate)
        {
            window.ClockCorrections = _state.Clock.Corrections;
            window.SpendUntil = _state.Clock.CertainlyBefore(window.End);
            // One that lies ahead was entered by a wrong clock, or by one that Redis has since set back, which began a new epoch.
            if (_window == window && (!window.OwnRightTaken || window.Start > _state.Clock.At(_state.Time.GetTimestamp()).Latest)) _window = None;
        }
    }

    /// <summary>Drops the window and everything held in it.</summary>
    internal void Reset()
    {
        lock (_gate) _window = None;
    }

    /// <summary>What is leased at once: the demand of the horizon, but never much of the quota.</summary>
    private long LeaseSize()
    {
        var largest = Math.Max(1, (long)(_policy.Quota * _state.Options.LargestLease / _state.Replicas));
        var wanted = _perSecond > 0 ? (long)Math.Ceiling(_perSecond * _state.Options.LeaseHorizon.TotalSeconds) : FirstLease;
        return Math.Min(wanted, largest);
    }

    private LeasedWindow? Current(long now)
    {
        if (!_state.Clock.IsSet) return null;
        if (_window != None && _window.ClockCorrections != _state.Clock.Corrections) Reclock(_window);
        var window = _window;
        if (now < window.SpendUntil) return window;
        var (earliest, latest) = _state.Clock.At(now);
        var (start, end) = _policy.Window.At(earliest);
        if (latest >= end || start <= window.Start && window != None) return null;
        window = new LeasedWindow(string.Create(null, $"{KeyPrefix}{start}"), start, end, _policy.Window.IsMonth, _state.Clock.CertainlyBefore(end),
            _state.Clock.Corrections)
        {
            LastActivity = (0, now),
        };
        _measured = (0, now);
        _window = window;
        return window;
    }

    /// <summary>False when Redis has come back meanwhile, so that nothing may be begun on the gateway's own account.</summary>
    private bool TakeOwnRight(LeasedWindow window, bool away)
    {
        if (window.OwnRightTaken) return true;
        lock (_state.Transition)
        {
            if (away && _state.Link != LinkState.Away) return false;
            var own = _state.OwnRight(window.Key, window.Start, _policy.Quota, away);
            window.Reserve += own;
            window.Rest += own;
            window.OwnRightTaken = true;
            _registry.Hold(window, this);
            return true;
        }
    }

    /// <summary>Demand follows a rise at once and a fall by halves.</summary>
    private void MeasureDemand(LeasedWindow window, long now)
    {
        var seconds = (double)(now - _measured.At) / _state.Time.TimestampFrequency;
        if (seconds < 0.005) return;
        var rate = Math.Max(0, window.Spent - _measured.Spent) / seconds;
        _perSecond = Math.Max(rate, (_perSecond + rate) / 2);
        _measured = (window.Spent, now);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _state.Time.TimestampFrequency);
}
