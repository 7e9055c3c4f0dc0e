using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ValidonX.RateLimiting;

namespace ValidonX.Tests.RateLimiting;

/// <summary>The limiter of one gateway, wired as the gateway wires it, over any transport, clock and store.</summary>
internal sealed class LimiterReplica : IAsyncDisposable
{
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MonthlyCounters _monthly;
    private bool _isStopped;

    public LimiterReplica(ILeaseTransport transport, LeasingOptions options, TimeProvider? time = null, IMonthlyCounterStore? store = null)
    {
        var clock = new ServerClock(time ?? TimeProvider.System, options);
        State = new ReplicaState(options, time ?? TimeProvider.System, clock);
        Registry = new PartitionRegistry(State);
        Metrics = new RateLimitMetrics(_meters.GetRequiredService<IMeterFactory>(), State);
        Link = new LeaseLink(transport, State, Registry, Metrics, NullLogger<LeaseLink>.Instance);
        _monthly = new MonthlyCounters(store ?? new NoMonthlyCounterStore(), Registry, State, NullLogger<MonthlyCounters>.Instance);
        var flights = new LeaseFlights(Link, State, _monthly);
        Membership = new Membership(Link, State, Registry, NullLogger<Membership>.Instance);
        var upkeep = new LeaseUpkeep(Link, flights, Membership, State, Registry);
        Engine = new LeaseEngine(Link, flights, State, Registry, Metrics);
        Service = new LeasingService(Membership, upkeep, Link, _monthly, State, NullLogger<LeasingService>.Instance);
    }

    public ReplicaState State { get; }

    public PartitionRegistry Registry { get; }

    public RateLimitMetrics Metrics { get; }

    public LeaseLink Link { get; }

    public Membership Membership { get; }

    public LeaseEngine Engine { get; }

    public LeasingService Service { get; }

    public RateLimitLayers Layers(params (RateLimitPolicy Policy, string Partition)[] layers) =>
        new([.. layers.Select(layer => Engine.GetPartition("tenant:t1", layer.Policy, layer.Partition))]);

    public async Task<bool> AdmitsAsync(RateLimitLayers layers) => (await Engine.AcquireAsync(layers, CancellationToken.None)).IsAdmitted;

    public async Task StopAsync()
    {
        if (_isStopped) return;
        _isStopped = true;
        await Service.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Service.Dispose();
        _monthly.Dispose();
        await _meters.DisposeAsync();
    }
}
