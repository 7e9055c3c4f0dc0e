using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using StackExchange.Redis;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.RateLimiting.Simulation;

/// <summary>
/// The guarantees of docs/decisions/0005-leased-rate-limits.md under arbitrary arrivals, delays, losses, crashes, partitions, hangs, skews and
/// drifts. <c>VALIDONX_SIMULATION_CASES</c> sets the number of cases (default 20); a failure prints the seed and the shrunk scenario.
/// </summary>
public sealed class LimiterSimulationTests(RedisServerProcess redis) : IClassFixture<RedisServerProcess>, IDisposable
{
    private const int Seconds = 60;
    private const int RecoveryBegins = 25;
    private readonly ConnectionMultiplexer _connection = redis.Connect(",allowAdmin=true,syncTimeout=60000");

    private static int Cases =>
        int.TryParse(Environment.GetEnvironmentVariable("VALIDONX_SIMULATION_CASES"), CultureInfo.InvariantCulture, out var cases) ? cases : 20;

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

    [Fact]
    public void After_any_faults_a_steady_caller_gets_its_95_percent_again() => Check(Scenario.Recovering(RecoveryBegins), Recovered);

    /// <summary>What the property above has found once.</summary>
    public static TheoryData<string, Scenario> Recoveries => new()
    {
        {
            "a lone gateway crashed over the end of a month",
            new Scenario(1, 185029, 29005, [new(19, 1224, -1, false)], [new((int)FaultKind.CrashGateway, 2735, 22265, 3)], HasMonths: false)
        },
        {
            "those who served alone hoard the month, the one that crashed has nothing",
            new Scenario(
                5, 20857, 33854, [new(5, 1085, -1, false), new(38, 1066, 6, false)],
                [
                    new((int)FaultKind.CutGateway, 8312, 443, 7), new((int)FaultKind.CutGateway, 9513, 173, 6),
                    new((int)FaultKind.CrashGateway, 14484, 10516, 3), new((int)FaultKind.RestartRedisEmpty, 10146, 14854, 1),
                ],
                HasMonths: false)
        },
        {
            "a lone gateway took the month for its own, was cut off again and restarted",
            new Scenario(
                1, 588521, 39334, [new(79, 1158, -1, false)],
                [
                    new((int)FaultKind.StopGateway, 12428, 7516, 4), new((int)FaultKind.CutGateway, 11387, 11352, 4),
                    new((int)FaultKind.CutGateway, 4036, 6988, 4),
                ],
                HasMonths: false)
        },
    };

    [Theory]
    [MemberData(nameof(Recoveries))]
    public void A_recovery_that_failed_once_succeeds(string story, Scenario scenario) =>
        Assert.True(Recovered(scenario) is [], story);

    public void Dispose() => _connection.Dispose();

    private string[] Recovered(Scenario scenario)
    {
        var fleet = new SimulatedFleet(scenario, _connection);
        fleet.Run(Seconds);
        // A window that began before Redis forgot is not granted in any more, the one after may begin while shares settle.
        return [.. fleet.Violations, .. Starved(fleet, scenario, from: fleet.Clock - (Seconds - RecoveryBegins - SimulatedFleet.WindowSeconds) * 1_000_000L)];
    }

    private static IEnumerable<string> Starved(SimulatedFleet fleet, Scenario scenario, long from = 0)
    {
        foreach (var (client, start, admitted, asked) in fleet.KeyWindows)
        {
            var quota = scenario.Clients[client].Quota;
            var isFull = start >= from && start + SimulatedFleet.WindowSeconds * 1_000_000L < fleet.Clock && asked >= quota;
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
