using ValidonX.RateLimiting;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.RateLimiting.Simulation;

/// <summary>Boundaries, resets and months, on a clock that the test moves.</summary>
public sealed class WindowTests(RedisServerProcess redis) : IClassFixture<RedisServerProcess>, IDisposable
{
    private const long Second = 1_000_000;

    // Twenty seconds before a minute and a month end.
    private static readonly DateTimeOffset Epoch = new(2040, 1, 31, 23, 59, 40, TimeSpan.Zero);
    private static readonly RateLimitPolicy PerMinute = new("key", 60, QuotaWindow.OfSeconds(60));
    private static readonly RateLimitPolicy PerMonth = new("tenant", 100, QuotaWindow.Month);

    private readonly StackExchange.Redis.ConnectionMultiplexer _connection = redis.Connect(",allowAdmin=true");
    private readonly VirtualWorld _world = new();
    private readonly RowStore _store = new();
    private SimulatedRedis? _redis;

    [Fact]
    public void A_new_window_has_the_whole_quota_and_not_a_unit_of_the_old_one()
    {
        var gateway = Start("g0");
        var layers = gateway.Layers((PerMinute, "p"));
        Assert.Equal(60, Spend(gateway, layers, 200));

        // The last instants of the minute, then the first of the next.
        _world.Run(20 * Second - 50_000);
        Assert.Equal(0, Spend(gateway, layers, 5));
        _world.Run(20 * Second + 1000);
        Assert.Equal(60, Spend(gateway, layers, 200));
    }

    [Fact]
    public void A_lease_is_forfeited_at_the_end_of_its_window()
    {
        var gateway = Start("g0");
        var layers = gateway.Layers((PerMinute, "p"));
        _world.Run(19 * Second);
        Assert.Equal(1, Spend(gateway, layers, 1));
        Assert.True(layers.All[0].Window.Units > 0);

        // Redis is known to be gone before the next window begins: of that, the gateway has its own share (all: it is alone), and nothing else.
        _redis!.Kill();
        _world.Run(21 * Second);
        Assert.Equal(60, Spend(gateway, layers, 200));
    }

    [Fact]
    public void A_refusal_names_an_instant_that_is_never_before_the_windows_end()
    {
        var gateway = Start("g0");
        var layers = gateway.Layers((PerMinute, "p"));
        Spend(gateway, layers, 60);
        for (var at = 3_100_000L; at < 20 * Second; at += 777_777)
        {
            _world.Run(at);
            var window = layers.All[0].Window;
            Assert.True(at + gateway.Engine.SecondsLeft(window) * Second >= 20 * Second);
            Assert.True(at + (gateway.Engine.SecondsLeft(window) - 2) * Second < 20 * Second);
        }
    }

    [Fact]
    public void A_month_rolls_over_at_midnight_UTC_and_what_was_spent_is_kept_by_month()
    {
        var gateway = Start("g0");
        var layers = gateway.Layers((PerMonth, "t"));
        Assert.Equal(100, Spend(gateway, layers, 150));
        _world.Run(21 * Second);
        Assert.Equal(30, Spend(gateway, layers, 30));
        _world.Run(60 * Second);

        Assert.Equal(100, _store.Of(new DateOnly(2040, 1, 1)));
        Assert.Equal(30, _store.Of(new DateOnly(2040, 2, 1)));
    }

    [Fact]
    public void A_monthly_counter_survives_a_restart_of_Redis_and_of_the_gateway()
    {
        var first = Start("g0");
        Assert.Equal(40, Spend(first, first.Layers((PerMonth, "t")), 40));
        Await(first.StopAsync);
        _redis!.Kill();
        _redis.Start(fromSnapshot: false);

        var second = Start("g0");
        Assert.Equal(60, Spend(second, second.Layers((PerMonth, "t")), 200));
        Await(second.StopAsync);
        Assert.Equal(100, _store.Of(new DateOnly(2040, 1, 1)));
    }

    [Fact]
    public void A_monthly_counter_survives_a_restart_of_Redis_under_running_gateways()
    {
        LimiterReplica[] gateways = [Start("g0"), Start("g1")];
        RateLimitLayers[] layers = [.. gateways.Select(gateway => gateway.Layers((PerMonth, "t")))];
        var admitted = Spend(gateways[0], layers[0], 30) + Spend(gateways[1], layers[1], 30);
        _redis!.Kill();
        _world.Run(_world.Now + Second);
        _redis.Start(fromSnapshot: false);
        _world.Run(_world.Now + 2 * Second);

        // The one refused first may have to wait until the other has given its reserve back.
        for (var round = 0; round < 20; round++)
        {
            admitted += Spend(gateways[round % 2], layers[round % 2], 30);
            _world.Run(_world.Now + Second / 2);
        }

        Assert.Equal(100, admitted);
    }

    [Fact]
    public void A_gateway_that_stops_at_the_very_end_of_a_window_leaves_the_next_one_whole()
    {
        var first = Start("g0");
        _world.Run(20 * Second - 20);
        Await(first.StopAsync);

        var second = Start("g0");
        Assert.Equal(60, Spend(second, second.Layers((PerMinute, "p")), 200));
    }

    [Fact]
    public void A_gateway_that_has_never_reached_Redis_serves_its_share()
    {
        _redis = new SimulatedRedis(_world, new Random(1), Epoch, _connection);
        _redis.Kill();
        var gateway = Start("g0", new LeasingOptions { ReplicaId = "g0", Replicas = 3 });
        Assert.Equal(20, Spend(gateway, gateway.Layers((PerMinute, "p")), 200));
    }

    [Fact]
    public void Without_Redis_what_is_left_of_a_window_that_it_never_answered_about_is_what_is_the_gateways_own()
    {
        var gateway = Start("g0");
        var layers = gateway.Layers((PerMinute, "p"));
        Lose(comesBackEmpty: false);
        _world.Run(21 * Second);
        for (var left = 59; left >= 0; left--)
        {
            Assert.Equal(1, Spend(gateway, layers, 1));
            Assert.Equal(left, layers.All[0].Window.Remaining);
        }

        Assert.Equal(0, Spend(gateway, layers, 1));
    }

    [Fact]
    public void A_gateway_whose_first_calls_get_no_answer_in_time_has_joined_when_it_opens_its_port()
    {
        _redis = new SimulatedRedis(_world, new Random(1), Epoch, _connection);
        _redis.Hang();
        _world.After(Second / 2, _redis.Thaw);
        Assert.Equal(1, Start("g0").State.Share);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gateways_of_a_first_start_serve_partitions_that_are_new_though_Redis_is_lost_in_the_same_window(bool comesBackEmpty)
    {
        LimiterReplica[] gateways = [Start("g0"), Start("g1"), Start("g2")];
        Lose(comesBackEmpty);

        // A twenty-fifth of each one's third.
        var policy = new RateLimitPolicy("key", 7500, QuotaWindow.OfSeconds(60));
        Assert.All(gateways, gateway => Assert.Equal(100, Spend(gateway, gateway.Layers((policy, "new")), 200)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_gateway_that_joined_after_others_had_leased_has_nothing_in_that_window_once_Redis_is_lost(bool comesBackEmpty)
    {
        var first = Start("g0");
        var admitted = Spend(first, first.Layers((PerMinute, "p")), 100);
        var second = Start("g1");
        Lose(comesBackEmpty);

        Assert.Equal(60, admitted + Spend(second, second.Layers((PerMinute, "p")), 100));
    }

    [Fact]
    public void Two_gateways_that_were_given_one_name_both_go_on_and_together_keep_to_the_quota()
    {
        LimiterReplica[] gateways = [Start("g0"), Start("g0")];
        RateLimitLayers[] layers = [.. gateways.Select(gateway => gateway.Layers((PerMinute, "p")))];
        for (var minute = 0; minute < 3; minute++)
        {
            long[] admitted = [0, 0];
            for (var n = 0; n < 200; n++)
            {
                admitted[n % 2] += Spend(gateways[n % 2], layers[n % 2], 1);
                _world.Run(_world.Now + Second / 15);
            }

            Assert.InRange(admitted.Sum(), 57, 60);
            Assert.All(admitted, static one => Assert.InRange(one, 20, 40));
            _world.Run((_world.Now / (60 * Second) + 1) * 60 * Second + 20 * Second);
        }

        Assert.Equal("g0", gateways[1].State.ReplicaId);
        Assert.StartsWith("g0.", gateways[0].State.ReplicaId);
    }

    public void Dispose() => _connection.Dispose();

    private void Lose(bool comesBackEmpty)
    {
        _redis!.Kill();
        _world.Run(_world.Now + Second);
        if (!comesBackEmpty) return;
        _redis.Start(fromSnapshot: false);
        _world.Run(_world.Now + 2 * Second);
    }

    private LimiterReplica Start(string name, LeasingOptions? options = null)
    {
        _redis ??= new SimulatedRedis(_world, new Random(1), Epoch, _connection);
        var time = new VirtualTime(_world, Epoch, TimeSpan.FromSeconds(1), 0.0001);
        var gateway = new LimiterReplica(
            _redis.Connect(time, static () => false), options ?? new LeasingOptions { ReplicaId = name }, time, _store);
        Await(() => gateway.Service.StartAsync(CancellationToken.None));
        return gateway;
    }

    private long Spend(LimiterReplica gateway, RateLimitLayers layers, int requests)
    {
        var admitted = 0L;
        for (var i = 0; i < requests; i++) admitted += Await(() => gateway.AdmitsAsync(layers)) ? 1 : 0;
        return admitted;
    }

    private void Await(Func<Task> work) => Await(async () =>
    {
        await work();
        return true;
    });

    /// <summary>Does the work inside the world and lets time pass until it is done.</summary>
    private T Await<T>(Func<Task<T>> work)
    {
        Task<T>? task = null;
        _world.At(_world.Now, () => task = work());
        for (var steps = 0; task is not { IsCompleted: true }; steps++)
        {
            Assert.True(steps < 100_000, "It takes too long.");
            _world.Run(_world.Now + 100);
        }

        return task.GetAwaiter().GetResult();
    }

    private sealed class RowStore : IMonthlyCounterStore
    {
        private readonly Dictionary<(DateOnly Month, string Writer), long> _rows = [];

        public long Of(DateOnly month) => _rows.Where(row => row.Key.Month == month).Sum(static row => row.Value);

        public Task<IReadOnlyList<MonthlyCount>> ReadAsync(string partition, DateOnly month, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<MonthlyCount>>(
                [.. _rows.Where(row => row.Key.Month == month).Select(static row => new MonthlyCount(row.Key.Writer, row.Value))]);

        public Task RaiseAsync(IReadOnlyList<MonthlyUse> uses, CancellationToken cancellationToken)
        {
            foreach (var use in uses) _rows[(use.Month, use.Writer)] = Math.Max(use.Used, _rows.GetValueOrDefault((use.Month, use.Writer)));
            return Task.CompletedTask;
        }
    }
}
