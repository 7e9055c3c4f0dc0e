using Spectre.Console;
using ValidonX.Benchmarks.Load;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>Loads contenders in turn, so that each round holds the same minute of the machine for all of them.</summary>
internal sealed class AlternatingRounds(GatewayBenchmarkOptions options, LoadProcess load)
{
    /// <summary>Warms all of them up, then notes so many rounds.</summary>
    public async Task RunAsync(IReadOnlyList<Contender> contenders)
    {
        await WarmUpAsync(contenders);
        for (var round = 1; round <= options.Rounds; round++)
        {
            AnsiConsole.MarkupLine($"Round {round} of {options.Rounds}…");

            // There and back again, so that a drift of the machine within a round favors nobody.
            foreach (var contender in round % 2 == 1 ? contenders : contenders.Reverse())
            {
                contender.Note(await contender.LoadAsync(load, options.Connections, options.Round));
            }
        }
    }

    /// <summary>
    /// Loads each until three loads in turn were no faster than one before: on cores that the load itself occupies, the tiered compiler needs half a
    /// minute to get to the last of a path's methods, and a measurement that begins earlier measures the compiler.
    /// </summary>
    private async Task WarmUpAsync(IReadOnlyList<Contender> contenders)
    {
        AnsiConsole.MarkupLine("Warming up…");
        foreach (var contender in contenders)
        {
            var (best, since) = (0.0, 0);
            for (var loads = 0; since < 3 && loads < options.LongestWarmUp; loads++)
            {
                var speed = (await contender.LoadAsync(load, options.Connections, options.WarmUp)).PerSecond;
                (best, since) = speed > best * 1.02 ? (speed, 0) : (best, since + 1);
            }
        }
    }
}
