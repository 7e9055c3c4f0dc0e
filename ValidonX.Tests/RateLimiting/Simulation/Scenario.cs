using FsCheck;
using FsCheck.Fluent;

namespace ValidonX.Tests.RateLimiting.Simulation;

internal enum FaultKind
{
    CrashGateway,
    StopGateway,
    CutGateway,
    HangRedis,
    SlowRedis,
    LoseMessages,
    RestartRedisEmpty,
    RestartRedisFromSnapshot,
    Snapshot,
    RestartRedisIntact,
}

/// <param name="Kind">What goes wrong.</param>
/// <param name="At">When, in milliseconds.</param>
/// <param name="Lasts">For how long, in milliseconds.</param>
/// <param name="Target">Which gateway, modulo their number.</param>
public sealed record Fault(int Kind, int At, int Lasts, int Target)
{
    public override string ToString() => $"{(FaultKind)Kind} #{Target} at {At} for {Lasts}";
}

/// <summary>One caller: how often it calls, through which gateways, against which quota.</summary>
/// <param name="Quota">Of the key layer, per ten seconds.</param>
/// <param name="PerMille">Calls per second, in thousandths of quota ÷ window.</param>
/// <param name="Gateway">Which gateway it always calls; negative: a random one each time.</param>
/// <param name="Bursts">Whether its calls come in bursts.</param>
public sealed record Client(int Quota, int PerMille, int Gateway, bool Bursts);

/// <summary>Everything that decides a run.</summary>
public sealed record Scenario(int Replicas, int Seed, int StartOffset, Client[] Clients, Fault[] Faults, bool HasMonths = true)
{
    public override string ToString() =>
        $"{Replicas} gateways, seed {Seed}, offset {StartOffset}\n  {string.Join<Client>("\n  ", Clients)}\n  {string.Join<Fault>("\n  ", Faults)}";

    /// <summary>Scenarios with faults of any kind at any time.</summary>
    public static Arbitrary<Scenario> WithFaults(int seconds) => Arb.From(Generate(seconds, faulty: true), Shrink);

    /// <summary>Scenarios in which nothing goes wrong and every caller asks for at least its quota, evenly.</summary>
    public static Arbitrary<Scenario> Steady(int seconds) => Arb.From(Generate(seconds, faulty: false).Select(Evenly), Shrink);

    /// <summary>Scenarios in which all faults are over after some seconds and every caller asks for at least its quota, evenly.</summary>
    public static Arbitrary<Scenario> Recovering(int seconds) => Arb.From(
        Generate(seconds, faulty: true).Select(Evenly).Select(scenario => scenario with
        {
            Faults = [.. scenario.Faults.Select(fault => fault with { Lasts = Math.Max(10, Math.Min(fault.Lasts, seconds * 1000 - fault.At)) })],
        }), Shrink);

    private static Scenario Evenly(Scenario scenario) => scenario with
    {
        HasMonths = false,
        Clients = [.. scenario.Clients.Select(static client => client with { Bursts = false, PerMille = 1000 + client.PerMille % 400 })],
    };

    private static Gen<Scenario> Generate(int seconds, bool faulty)
    {
        var client =
            from quota in Gen.OneOf(Gen.Choose(1, 10), Gen.Choose(10, 100), Gen.Choose(100, 600))
            from rate in Gen.Frequency((1, Gen.Choose(100, 1000)), (3, Gen.Choose(1000, 6000)))
            from gateway in Gen.Frequency((2, Gen.Constant(-1)), (1, Gen.Choose(0, 8)))
            from bursts in Gen.Elements(false, false, true)
            select new Client(quota, rate, gateway, bursts);
        var fault =
            from kind in Gen.Frequency((1, Gen.Choose(0, (int)FaultKind.RestartRedisIntact)), (1, Gen.Elements(Frequent)))
            from at in Gen.Choose(2000, seconds * 1000)
            from lasts in Gen.OneOf(Gen.Choose(10, 1000), Gen.Choose(1000, 25_000))
            from target in Gen.Choose(0, 8)
            select new Fault(kind, at, lasts, target);
        return
            from replicas in Gen.Elements(1, 3, 5, 9)
            from seed in Gen.Choose(1, 1_000_000)
            from offset in Gen.Choose(0, 40_000)
            from clients in Gen.Choose(1, 4).SelectMany(count => client.ArrayOf(count))
            from faults in faulty ? Gen.Choose(1, 8).SelectMany(count => fault.ArrayOf(count)) : Gen.Constant(Array.Empty<Fault>())
            select new Scenario(replicas, seed, offset, clients, faults);
    }

    private static readonly int[] Frequent = [(int)FaultKind.CrashGateway, (int)FaultKind.CutGateway, (int)FaultKind.HangRedis];

    private static IEnumerable<Scenario> Shrink(Scenario scenario)
    {
        for (var i = 0; i < scenario.Faults.Length; i++)
            yield return scenario with { Faults = [.. scenario.Faults.Where((_, index) => index != i)] };
        for (var i = 0; i < scenario.Clients.Length && scenario.Clients.Length > 1; i++)
            yield return scenario with { Clients = [.. scenario.Clients.Where((_, index) => index != i)] };
        if (scenario.Replicas > 1) yield return scenario with { Replicas = scenario.Replicas - 1 };
    }
}
