using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ValidonX.RateLimiting;

/// <summary>Runs <c>leases.lua</c> in Redis.</summary>
internal interface ILeaseTransport
{
    /// <summary>Sends the call. Any exception means that Redis is away.</summary>
    Task<RedisResult[]> EvaluateAsync(LeaseCall call);
}

/// <summary>
/// Every call to Redis passes here: bounded in time, a measurement of Redis's clock, and the circuit. The first failure opens it, so that no
/// later request waits; only probes go out until Redis answers again.
/// </summary>
internal sealed partial class LeaseLink(
    ILeaseTransport transport, ReplicaState state, PartitionRegistry registry, RateLimitMetrics metrics, ILogger<LeaseLink> logger)
{
    private TaskCompletionSource _lost = new();
    private TaskCompletionSource _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hasBeenFound;
    private long _since = long.MinValue;
    private long _awaySince = state.Time.GetUtcNow().UtcTicks;

    /// <summary>Since when Redis is away; null while it is connected.</summary>
    public DateTimeOffset? AwaySince =>
        Volatile.Read(ref _awaySince) is var ticks && ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);

    /// <summary>Called when Redis is lost.</summary>
    public Action WhenLost { get; set; } = static () => { };

    /// <summary>Completes when Redis is lost.</summary>
    public Task Lost => Volatile.Read(ref _lost).Task;

    /// <summary>Completes when leases flow again.</summary>
    public Task WhenFound => Volatile.Read(ref _found).Task;

    /// <summary>
    /// Whether Redis was lost so shortly ago that it may have been a hiccup: a request that nothing is left for then waits for the first attempt to return
    /// rather than be refused until its window's end.
    /// </summary>
    public bool WasJustLost => AwaySince is { } since && _hasBeenFound && state.Time.GetUtcNow() - since < TimeSpan.FromSeconds(1);

    /// <summary>Until when, on Redis's clock, a call sent now may act: no longer than its caller waits.</summary>
    public long Expiry()
    {
        var (earliest, _) = state.Clock.At(state.Time.GetTimestamp());
        return earliest + (long)state.Options.CallTimeout.TotalMicroseconds;
    }

    /// <summary>Sends a call. Null when Redis did not answer in time, or not at all; Redis then counts as away.</summary>
    public async Task<LeaseReply?> CallAsync(LeaseCall call)
    {
        var sent = state.Time.GetTimestamp();
        LeaseReply reply;
        try
        {
            metrics.Called();
            reply = new LeaseReply(await transport.EvaluateAsync(call).WaitAsync(state.Options.CallTimeout, state.Time));
        }
        catch (Exception problem)
        {
            metrics.Failed();
            if (Lose(sent)) Log.Lost(logger, problem.GetType().Name);
            return null;
        }

        if (!state.Clock.Observe(reply.Now, sent, state.Time.GetTimestamp())) registry.Reclock();
        return reply;
    }

    /// <summary>Redis answered, but not to a member of its epoch: what this gateway holds has to be declared first.</summary>
    public void LoseMembership(CallStatus status)
    {
        if (state.Link == LinkState.Connected && Lose(long.MaxValue)) Log.NotMember(logger, status);
    }

    /// <summary>Redis answers again. Until <see cref="Found"/> nothing new is begun on the gateway's own account.</summary>
    public void BeginReturn()
    {
        lock (state.Transition)
        {
            state.Link = LinkState.Returning;
            _since = state.Time.GetTimestamp();
        }
    }

    /// <summary>The return is complete, unless Redis was lost again meanwhile.</summary>
    public bool Found()
    {
        lock (state.Transition)
        {
            if (state.Link != LinkState.Returning) return false;
            state.Link = LinkState.Connected;
            _since = state.Time.GetTimestamp();
            Volatile.Write(ref _lost, new());
            Volatile.Write(ref _awaySince, 0);
        }

        _hasBeenFound = true;
        Volatile.Read(ref _found).TrySetResult();
        Log.Connected(logger, state.Epoch, state.Replicas);
        return true;
    }

    /// <summary>Redis was lost again, or would not have this gateway.</summary>
    public void GiveUpReturn()
    {
        lock (state.Transition)
        {
            if (state.Link == LinkState.Returning) state.Link = LinkState.Away;
        }
    }

    /// <summary>The gateway stops: whatever it still held is gone.</summary>
    public void Close() => Lose(long.MaxValue);

    /// <summary>Opens the circuit, unless the failed call belongs to an earlier connection. True when it was closed.</summary>
    private bool Lose(long sent)
    {
        lock (state.Transition)
        {
            if (sent < _since) return false;
            var wasConnected = state.Link == LinkState.Connected;
            state.Link = LinkState.Away;
            if (!wasConnected) return false;
            Volatile.Write(ref _awaySince, state.Time.GetUtcNow().UtcTicks);
            Volatile.Write(ref _found, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        WhenLost();
        Volatile.Read(ref _lost).TrySetResult();
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning,
            "Redis is away ({Problem}): rate limits go on with what this gateway holds and its own share of every quota.")]
        public static partial void Lost(ILogger logger, string problem);

        [LoggerMessage(3002, LogLevel.Warning, "Redis does not know this gateway ({Status}): declaring what was spent.")]
        public static partial void NotMember(ILogger logger, CallStatus status);

        [LoggerMessage(3003, LogLevel.Information, "Rate limits are leased from Redis, epoch {Epoch}, {Replicas} replicas.")]
        public static partial void Connected(ILogger logger, string epoch, int replicas);
    }
}
