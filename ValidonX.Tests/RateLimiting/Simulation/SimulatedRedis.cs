using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;
using ValidonX.RateLimiting;

namespace ValidonX.Tests.RateLimiting.Simulation;

/// <summary>
/// Redis in the <see cref="VirtualWorld"/>: the real script in a real redis-server, but with the world's clock, a network that delays and
/// loses, and a server that hangs, dies and forgets.
/// </summary>
internal sealed class SimulatedRedis
{
    /// <summary>Takes the place of <c>server.lua</c>.</summary>
    private const string Server = "local now, run = tonumber(ARGV[#ARGV - 1]), ARGV[#ARGV]\n";
    private const string CopyAll = "for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', ARGV[1], 'REPLACE') end";

    private static readonly string Script = Server + LeaseScript.Body;
#pragma warning disable CA5350 // SHA-1 is how Redis names scripts.
    private static readonly byte[] Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Script));
#pragma warning restore CA5350

    private readonly VirtualWorld _world;
    private readonly Random _random;
    private readonly long _epoch;
    private readonly IDatabase _data;
    private readonly IDatabase _snapshot;
    private readonly List<Action> _queued = [];
    private int _run;

    public SimulatedRedis(VirtualWorld world, Random random, DateTimeOffset epoch, IConnectionMultiplexer connection)
    {
        (_world, _random) = (world, random);
        _epoch = (epoch - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        _data = connection.GetDatabase(0);
        _snapshot = connection.GetDatabase(1);
        _data.Execute("FLUSHALL");
        _data.ScriptEvaluate(Script, ["rl:epoch", "rl:members"], ["probe", "", 0, 0, "", 0, 0, 0, 0, "load"]);
        _data.Execute("FLUSHALL");
    }

    /// <summary>The server's clock: what windows are defined by.</summary>
    public long Clock => _epoch + _world.Now;

    public bool IsDown { get; private set; }

    public bool IsHanging { get; private set; }

    /// <summary>Upper bound of the extra delay of every message, in microseconds.</summary>
    public long Slowness { get; set; }

    /// <summary>How many of a thousand messages are lost.</summary>
    public int Loss { get; set; }

    public long Calls { get; private set; }

    public void Hang() => IsHanging = true;

    /// <summary>Goes on; what waited is done now, however old.</summary>
    public void Thaw()
    {
        IsHanging = false;
        var queued = _queued.ToArray();
        _queued.Clear();
        foreach (var work in queued) _world.After(_random.Next(500), work);
    }

    public void Snapshot()
    {
        _snapshot.Execute("FLUSHDB");
        _data.ScriptEvaluate(CopyAll, [], [1]);
    }

    public void Kill()
    {
        IsDown = true;
        IsHanging = false;
        _queued.Clear();
    }

    /// <summary>Starts again: empty, or with what the last snapshot knew.</summary>
    public void Start(bool fromSnapshot)
    {
        IsDown = false;
        _run++;
        _data.Execute("FLUSHDB");
        if (fromSnapshot) _snapshot.ScriptEvaluate(CopyAll, [], [0]);
    }

    /// <summary>The connection of one process, until that is dead.</summary>
    public ILeaseTransport Connect(VirtualTime process, Func<bool> isCut) => new Connection(this, process, isCut);

    private void Receive(LeaseCall call, TaskCompletionSource<RedisResult[]> reply, VirtualTime process, Func<bool> isCut)
    {
        if (IsDown)
        {
            Deliver(() => reply.TrySetException(new InvalidOperationException("connection refused")), process);
            return;
        }

        if (IsHanging)
        {
            _queued.Add(() => Receive(call, reply, process, isCut));
            return;
        }

        Calls++;
        RedisValue[] arguments = [.. call.Arguments, Clock, string.Create(null, $"{_run:x8}{_run:x8}")];
        var result = (RedisResult[])_data.ScriptEvaluate(Hash, call.Keys, arguments)!;
        if (Lost() || isCut()) return;
        _world.After(Delay(), () => Deliver(() => reply.TrySetResult(result), process));
    }

    private static void Deliver(Action action, VirtualTime process)
    {
        if (!process.IsDead) action();
    }

    private bool Lost() => _random.Next(1000) < Loss;

    private long Delay() => 50 + _random.Next(400) + (_random.Next(50) == 0 ? _random.Next(3000) : 0) + (Slowness > 0 ? _random.NextInt64(Slowness) : 0);

    private sealed class Connection(SimulatedRedis redis, VirtualTime process, Func<bool> isCut) : ILeaseTransport
    {
        public Task<RedisResult[]> EvaluateAsync(LeaseCall call)
        {
            var reply = new TaskCompletionSource<RedisResult[]>();
            if (!isCut() && !redis.Lost()) redis._world.After(redis.Delay(), () => redis.Receive(call, reply, process, isCut));
            return reply.Task;
        }
    }
}
