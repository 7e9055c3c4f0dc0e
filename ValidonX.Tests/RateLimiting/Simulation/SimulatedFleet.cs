using StackExchange.Redis;
using ValidonX.RateLimiting;

namespace ValidonX.Tests.RateLimiting.Simulation;

/// <summary>
/// Runs a <see cref="Scenario"/>: the gateways' real limiters on skewed clocks, over a <see cref="SimulatedRedis"/>. Every admission is
/// counted by the window that the server's clock is truly in.
/// </summary>
internal sealed class SimulatedFleet
{
    /// <summary>Windows of the key layer.</summary>
    public const int WindowSeconds = 10;

    private const long Millisecond = 1000;
    private static readonly QuotaWindow KeyWindow = QuotaWindow.OfSeconds(WindowSeconds);

    private readonly Scenario _scenario;
    private readonly VirtualWorld _world = new();
    private readonly Random _random;
    private readonly DateTimeOffset _epoch;
    private readonly SimulatedRedis _redis;
    private readonly MonthlyTable _store = new();
    private readonly Gateway[] _gateways;
    private readonly Dictionary<(string Policy, int Client, long Start), long> _admitted = [];
    private readonly Dictionary<(string Policy, int Client, long Start), long> _asked = [];
    private long _protectedUntil;
    private Gateway? _protected;

    public SimulatedFleet(Scenario scenario, IConnectionMultiplexer connection)
    {
        _scenario = scenario;
        _random = new Random(scenario.Seed);
        // Some runs cross the end of a month, all cross many ends of the key layer's windows.
        _epoch = new DateTimeOffset(2040, 1, 31, 23, 59, 15, TimeSpan.Zero).AddMilliseconds(scenario.StartOffset);
        _redis = new SimulatedRedis(_world, _random, _epoch, connection);
        _gateways = [.. Enumerable.Range(0, scenario.Replicas).Select(i => new Gateway($"g{i}"))];
    }

    public SimulatedRedis Redis => _redis;

    /// <summary>Violations of a quota, in words.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Month units that a crash may have made the fleet forget: spent after the last flush of the gateway that crashed.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Admissions and requests per full window of the key layer.</summary>
    public IEnumerable<(int Client, long Start, long Admitted, long Asked)> KeyWindows => _asked
        .Where(entry => entry.Key.Policy == "key")
        .Select(entry => (entry.Key.Client, entry.Key.Start, _admitted.GetValueOrDefault(entry.Key), entry.Value));

    public long Clock => _redis.Clock;

    public void Run(int seconds)
    {
        foreach (var gateway in _gateways) _world.After(_random.Next(50) * Millisecond, () => Start(gateway));
        foreach (var fault in _scenario.Faults) _world.At(fault.At * Millisecond, () => Inject(fault));
        for (var i = 0; i < _scenario.Clients.Length; i++)
        {
            var client = i;
            _world.At(2500 * Millisecond, () => Call(client));
        }

        _world.Run(seconds * 1000 * Millisecond);
    }

    private void Call(int index)
    {
        var client = _scenario.Clients[index];
        var perSecond = client.Quota * client.PerMille / 1000.0 / WindowSeconds;
        var count = client.Bursts ? 1 + _random.Next(Math.Max(1, client.Quota / 2)) : 1;
        for (var i = 0; i < count; i++)
        {
            var at = client.Gateway < 0 ? _random.Next(_gateways.Length) : client.Gateway % _gateways.Length;
            if (_gateways[at] is { IsServing: true } gateway) _ = RequestAsync(gateway, index);
        }

        _world.After((long)(count / perSecond * 1_000_000 * (client.Bursts ? 0.5 + _random.NextDouble() : 1)), () => Call(index));
    }

    private async Task RequestAsync(Gateway gateway, int client)
    {
        var (keyStart, _) = KeyWindow.At(_redis.Clock);
        Count(_asked, ("key", client, keyStart));
        var verdict = await gateway.Limiter!.Engine.AcquireAsync(gateway.Layers![client], CancellationToken.None);
        if (!verdict.IsAdmitted) return;
        Check("key", client, KeyWindow, Quota(client), 0);
        Check("tenant", client, QuotaWindow.Month, MonthQuota(client), Forgotten);
    }

    private void Check(string policy, int client, QuotaWindow window, long quota, long tolerance)
    {
        var (start, _) = window.At(_redis.Clock);
        if (Count(_admitted, (policy, client, start)) == quota + tolerance + 1)
            Violations.Add($"{policy} of client {client}: more than {quota} in the window of {start}, at {_world.Now / Millisecond} ms");
    }

    private static long Count(Dictionary<(string, int, long), long> counts, (string, int, long) key) =>
        counts[key] = counts.GetValueOrDefault(key) + 1;

    private long Quota(int client) => _scenario.Clients[client].Quota;

    private long MonthQuota(int client) => _scenario.Clients[client].Quota * (_scenario.HasMonths ? 3L : 1000L);

    private void Start(Gateway gateway)
    {
        gateway.Time = new VirtualTime(_world, _epoch, TimeSpan.FromMilliseconds(_random.Next(-3000, 3000)), (_random.NextDouble() - 0.5) * 0.0003);
        var limiter = new LimiterReplica(
            _redis.Connect(gateway.Time, () => gateway.IsCut),
            new LeasingOptions { ReplicaId = gateway.Name, Replicas = 1, ServeBeforeFirstContact = false, MonthlyFlushInterval = TimeSpan.FromSeconds(2) },
            gateway.Time,
            _store);
        gateway.Limiter = limiter;
        gateway.Layers =
        [
            .. Enumerable.Range(0, _scenario.Clients.Length).Select(client => limiter.Layers(
                (new RateLimitPolicy("key", Quota(client), KeyWindow), $"c{client}"),
                (new RateLimitPolicy("tenant", MonthQuota(client), QuotaWindow.Month), $"c{client}"))),
        ];
        _ = ServeAsync();

        async Task ServeAsync()
        {
            await limiter.Service.StartAsync(CancellationToken.None);
            gateway.IsServing = gateway.Limiter == limiter;
        }
    }

    private void Inject(Fault fault)
    {
        var gateway = _gateways[fault.Target % _gateways.Length];
        var isProtected = gateway == _protected && _world.Now < _protectedUntil;
        var over = fault.Lasts * Millisecond;
        switch ((FaultKind)fault.Kind)
        {
            case FaultKind.CrashGateway when gateway.IsServing && !isProtected:
                Forgotten += gateway.Limiter!.Registry.Held.Where(held => held.Key.IsMonth).Sum(held => held.Key.Spent - held.Key.Flushed);
                gateway.Die();
                _world.After(over, () => Start(gateway));
                break;
            case FaultKind.StopGateway when gateway.IsServing && !isProtected:
                _ = StopAsync(gateway, over);
                break;
            case FaultKind.CutGateway when !isProtected:
                gateway.IsCut = true;
                _world.After(over, () => gateway.IsCut = false);
                break;
            case FaultKind.HangRedis when _world.Now >= _protectedUntil && !_redis.IsDown:
                _redis.Hang();
                _world.After(over, _redis.Thaw);
                break;
            case FaultKind.SlowRedis when _world.Now >= _protectedUntil:
                _redis.Slowness = 20_000 + fault.Target * 30_000;
                _world.After(over, () => _redis.Slowness = 0);
                break;
            case FaultKind.LoseMessages when _world.Now >= _protectedUntil:
                _redis.Loss = 20 + fault.Target * 50;
                _world.After(over, () => _redis.Loss = 0);
                break;
            case FaultKind.Snapshot when !_redis.IsDown:
                _redis.Snapshot();
                break;
            case FaultKind.RestartRedisIntact when !_redis.IsDown:
                _redis.Snapshot();
                Restart(over, fromSnapshot: true);
                break;
            case FaultKind.RestartRedisEmpty when !_redis.IsDown:
                Restart(over, fromSnapshot: false);
                break;
            case FaultKind.RestartRedisFromSnapshot when !_redis.IsDown:
                Restart(over, fromSnapshot: true);
                break;
        }
    }

    /// <summary>
    /// The one assumption of the guarantee: when Redis has lost its memory, a gateway that remembers reaches it before it has settled. So
    /// one is kept alive and reachable, and the loss does not happen when there is none.
    /// </summary>
    private void Restart(long after, bool fromSnapshot)
    {
        var witness = _gateways.FirstOrDefault(gateway => gateway.IsServing && gateway.Limiter!.State.Link == LinkState.Connected);
        if (witness is null) return;
        _protected = witness;
        _protectedUntil = _world.Now + after + 4_000 * Millisecond;
        _redis.Kill();
        _world.After(after, () =>
        {
            (witness.IsCut, _redis.Slowness, _redis.Loss) = (false, 0, 0);
            _redis.Start(fromSnapshot);
        });
    }

    private async Task StopAsync(Gateway gateway, long over)
    {
        gateway.IsServing = false;
        var limiter = gateway.Limiter!;
        await limiter.StopAsync();
        Forgotten += limiter.Registry.Held.Where(held => held.Key.IsMonth).Sum(held => held.Key.Spent - held.Key.Flushed);
        gateway.Die();
        _world.After(over, () => Start(gateway));
    }

    private sealed class Gateway(string name)
    {
        public string Name { get; } = name;

        public VirtualTime? Time { get; set; }

        public LimiterReplica? Limiter { get; set; }

        public RateLimitLayers[]? Layers { get; set; }

        public bool IsServing { get; set; }

        public bool IsCut { get; set; }

        public void Die()
        {
            IsServing = false;
            Time!.IsDead = true;
        }
    }

    private sealed class MonthlyTable : IMonthlyCounterStore
    {
        private readonly Dictionary<(string, DateOnly, string), long> _rows = [];

        public Task<IReadOnlyList<MonthlyCount>> ReadAsync(string partition, DateOnly month, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<MonthlyCount>>(
                [.. _rows.Where(row => row.Key.Item1 == partition && row.Key.Item2 == month).Select(row => new MonthlyCount(row.Key.Item3, row.Value))]);

        public Task RaiseAsync(IReadOnlyList<MonthlyUse> uses, CancellationToken cancellationToken)
        {
            foreach (var use in uses)
            {
                var row = (use.Partition, use.Month, use.Writer);
                _rows[row] = Math.Max(_rows.GetValueOrDefault(row), use.Used);
            }

            return Task.CompletedTask;
        }
    }
}
