using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.Gateway.Limits;
using ValidonX.RateLimiting;
using ValidonX.Tests.RateLimiting.Simulation;

namespace ValidonX.Tests.RateLimiting;

/// <summary>The parts that need no server.</summary>
public sealed class LimiterPartsTests
{
    [Theory]
    [InlineData("2024-02-29T23:59:59.999999Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z")]
    [InlineData("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z")]
    [InlineData("2025-12-31T12:00:00Z", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z")]
    public void A_month_is_a_calendar_month_in_UTC(string instant, string start, string end) =>
        Assert.Equal((Microseconds(start), Microseconds(end)), QuotaWindow.Month.At(Microseconds(instant)));

    [Fact]
    public void Fixed_windows_are_aligned_to_the_epoch_and_hold_their_start_but_not_their_end()
    {
        var window = QuotaWindow.OfSeconds(60);
        var start = Microseconds("2026-04-03T10:00:00Z");
        Assert.Equal((start, start + 60_000_000), window.At(start));
        Assert.Equal((start, start + 60_000_000), window.At(start + 59_999_999));
        Assert.Equal(start + 60_000_000, window.At(start + 60_000_000).Start);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(86_401)]
    public void A_window_of_absurd_length_is_refused(int seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => QuotaWindow.OfSeconds(seconds));

    [Theory]
    [InlineData("", 1)]
    [InlineData("Key", 1)]
    [InlineData("key:1", 1)]
    [InlineData("key", -1)]
    [InlineData("key", long.MaxValue)]
    public void A_policy_that_makes_no_sense_is_refused(string name, long quota) =>
        Assert.ThrowsAny<ArgumentException>(() => new RateLimitPolicy(name, quota, QuotaWindow.OfSeconds(60)));

    [Fact]
    public void The_servers_clock_is_always_within_what_is_known_of_it() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(), static seed =>
        {
            var random = new Random(seed);
            var world = new VirtualWorld();
            var epoch = new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);
            var start = (epoch - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            var options = new LeasingOptions { ReplicaId = "g" };
            var time = new VirtualTime(world, epoch, TimeSpan.Zero, (random.NextDouble() - 0.5) * 2 * options.ClockDrift * 0.99);
            var clock = new ServerClock(time, options);
            for (var i = 0; i < 40; i++)
            {
                var sent = time.GetTimestamp();
                world.Run(world.Now + random.Next(5000));
                var shown = start + world.Now;
                world.Run(world.Now + random.Next(5000));
                if (!clock.Observe(shown, sent, time.GetTimestamp())) return false;
                world.Run(world.Now + random.NextInt64(60_000_000));
                var (now, server) = (time.GetTimestamp(), start + world.Now);
                var (earliest, latest) = clock.At(now);
                var boundary = server + random.Next(-20_000, 20_000);
                if (earliest > server + 1 || latest < server - 1) return false;
                if (now < clock.CertainlyBefore(boundary) && server >= boundary) return false;
                if (now >= clock.CertainlyFrom(boundary) && server < boundary) return false;
            }

            return true;
        }));

    [Fact]
    public void All_bad_options_are_reported_at_once()
    {
        var result = new LeasingOptionsValidator().Validate(null, new LeasingOptions
        {
            ReplicaId = "a b",
            Replicas = 0,
            CallTimeout = TimeSpan.Zero,
            ClockDrift = -1,
        });
        Assert.Equal(4, result.Failures!.Count());
        Assert.True(new LeasingOptionsValidator().Validate(null, new LeasingOptions { ReplicaId = "gateway-1" }).Succeeded);
    }

    [Fact]
    public void A_gateway_without_a_configured_name_has_its_machines()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=changes-with-each-start")]).Build();
        using var services = new ServiceCollection().AddLogging().AddLeasedRateLimits(configuration).BuildServiceProvider();

        Assert.Equal(LeasingOptions.NameOf(Environment.MachineName), services.GetRequiredService<LeasingOptions>().ReplicaId);
    }

    [Theory]
    [InlineData("gateway-7.example_net", "gateway-7.example_net")]
    [InlineData("Büro PC", "B-ro-PC")]
    public void A_machines_name_is_made_one_of_a_gateway(string machine, string name) => Assert.Equal(name, LeasingOptions.NameOf(machine));

    [Fact]
    public void A_machines_name_that_is_too_long_is_cut()
    {
        var options = new LeasingOptions { ReplicaId = LeasingOptions.NameOf(new string('m', 100)) };

        Assert.True(new LeasingOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public async Task The_framework_is_handed_one_lease_for_all_admissions()
    {
        await using var replica = new LimiterReplica(new NoTransport(), new LeasingOptions { ReplicaId = "g" });
        var limiter = new LeasedRateLimiter(replica.Engine);
        var context = new DefaultHttpContext();
        Assert.Same(limiter.AttemptAcquire(context), limiter.AttemptAcquire(context));
        Assert.True(limiter.AttemptAcquire(context).IsAcquired);
    }

    private static long Microseconds(string instant) =>
        (DateTimeOffset.Parse(instant, null) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed class NoTransport : ILeaseTransport
    {
        public Task<StackExchange.Redis.RedisResult[]> EvaluateAsync(LeaseCall call) =>
            Task.FromException<StackExchange.Redis.RedisResult[]>(new InvalidOperationException("no server"));
    }
}
