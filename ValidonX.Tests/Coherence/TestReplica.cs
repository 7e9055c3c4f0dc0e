using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using ValidonX.Coherence;
using ValidonX.Platform.Redis;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Coherence;

/// <summary>One replica: a host of its own with its own connection to the real Redis, registered as services register it, with short leases.</summary>
internal sealed class TestReplica : IAsyncDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(1_500);

    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(400);

    private readonly IHost _host;

    private TestReplica(IHost host)
    {
        _host = host;
        Caches = host.Services.GetRequiredService<CoherentCaches>();
        Coherence = host.Services.GetRequiredService<ICoherence>();
        Bus = (HoldableBus)host.Services.GetRequiredService<ICoherenceBus>();
        Redis = host.Services.GetRequiredService<IConnectionMultiplexer>();
        Register = (SharedRegister)host.Services.GetRequiredService<ICutOffRegister>();
        Values = Caches.Create<string, string>(new() { Type = "value" });
    }

    public CoherentCaches Caches { get; }

    public ICoherence Coherence { get; }

    public HoldableBus Bus { get; }

    public IConnectionMultiplexer Redis { get; }

    public SharedRegister Register { get; }

    public CoherentCache<string, string> Values { get; }

    public bool HasLease => Caches.View.IsValid;

    /// <summary>Starts it and waits for its lease.</summary>
    public static async Task<TestReplica> StartAsync(RedisServerProcess server, TimeSpan? lease = null, SharedRegister? register = null)
    {
        var replica = await StartWithoutLeaseAsync(server, lease, register);
        await Until.TrueAsync(() => replica.HasLease);
        return replica;
    }

    /// <param name="server">The Redis of all.</param>
    /// <param name="lease">How long a lease lasts.</param>
    /// <param name="register">The register of all; without one the replica finds none and knows no grace.</param>
    public static async Task<TestReplica> StartWithoutLeaseAsync(RedisServerProcess server, TimeSpan? lease = null, SharedRegister? register = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = server.ConnectionString,
            ["Coherence:Lease"] = (lease ?? Lease).ToString(),
            ["Coherence:Margin"] = "00:00:00.200",
            ["Coherence:RenewEvery"] = "00:00:00.100",
            ["Coherence:AnswerWithin"] = "00:00:00.500",
            ["Coherence:MessageLag"] = "00:00:00.100",
            ["Coherence:Grace"] = Grace.ToString(),
        });
        builder.Services.AddSingleton<ICutOffRegister>(register ?? new SharedRegister { IsClosed = true });
        builder.Services.AddSingleton<ICoherenceBus>(services => new HoldableBus(new RedisCoherenceBus(
            services.GetRequiredService<IConnectionMultiplexer>(),
            services.GetRequiredService<CoherenceOptions>())));
        builder.AddPlatformRedis();
        builder.AddCoherence();
        var host = builder.Build();
        var replica = new TestReplica(host);
        await host.StartAsync();
        return replica;
    }

    /// <summary>Starts several on a server whose first quarantine is over.</summary>
    public static async Task<TestReplica[]> StartAsync(RedisServerProcess server, int count, SharedRegister? register = null)
    {
        var replicas = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartAsync(server, register: register)));
        await replicas[0].Coherence.InvalidateAsync([Invalidation.OfPlatformEntry("start", "start")], CancellationToken.None);
        return replicas;
    }

    public Task InvalidateAsync(params Invalidation[] changes) => Coherence.InvalidateAsync(changes, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Bus.Release();
        await _host.StopAsync();
        _host.Dispose();
        Redis.Dispose();
    }
}
