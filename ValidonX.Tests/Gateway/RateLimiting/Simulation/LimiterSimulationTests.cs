using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using StackExchange.Redis;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Gateway.RateLimiting.Simulation;

/// <summary>
/// The guarantees of docs/decisions/0005-leased-rate-limits.md under arbitrary arrivals, delays, losses, crashes, partitions, hangs, skews and
/// drifts. <c>VALIDONX_SIMULATION_CASES</c> sets the number of cases (default 40); a failure prints the seed and the shrunk scenario.
/// </summary>
public sealed class LimiterSimulationTests(RedisServerProcess redis) : IClassFixture<RedisServerProcess>, IDisposable
{
    private const int Seconds = 60;
    private readonly ConnectionMultiplexer _connection = redis.Connect(",allowAdmin=true");

    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("VALIDONX_SIMULATION_CASES"), CultureInfo.InvariantCulture, out var cases) ? cases : 40;

    [Fact]
    public void No_request_above_a_quota_whatever_goes_wrong() => Check(Scenario.WithFaults(Seconds - 10), scenario =>
    {
        var fleet = new SimulatedFleet(scenario, _connection);
        fleet.Run(Seconds);
        return fleet.Violations;
    });

    [Fact]
    public void A_steady_caller_gets_at_least_95_percent_of_its_quota() => Check(Scenario.Steady(Seconds), scenario =>
    {
        var fleet = new SimulatedFleet(scenario, _connection);
        fleet.Run(Seconds);
        return [.. fleet.Violations, .. Starved(fleet, scenario)];
    });

    public void Dispose() => _connection.Dispose();

    private static IEnumerable<string> Starved(SimulatedFleet fleet, Scenario scenario)
    {
        foreach (var (client, start, admitted, asked) in fleet.KeyWindows)
        {
            var quota = scenario.Clients[client].Quota;
            var isFull = start + SimulatedFleet.WindowSeconds * 1_000_000L < fleet.Clock && asked >= quota;
            if (isFull && admitted < Math.Floor(quota * 0.95)) yield return $"client {client}: {admitted} of {quota} in {start}, {asked} asked";
        }
    }

    private static void Check(Arbitrary<Scenario> scenarios, Func<Scenario, IReadOnlyList<string>> violations)
    {
        var property = Prop.ForAll(scenarios, scenario =>
        {
            var found = violations(scenario);
            return (found.Count == 0).Label(string.Join('\n', found.Take(5)));
        });
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), property);
    }
}
