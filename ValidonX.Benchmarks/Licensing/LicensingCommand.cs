using System.CommandLine;
using ValidonX.Benchmarks.Gateway;
using ValidonX.Benchmarks.Load;

namespace ValidonX.Benchmarks.Licensing;

/// <summary><c>licensing</c>: what a signed verdict costs, how much usage a tenant can report, and how long changes take at a steady pace.</summary>
internal static class LicensingCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Alternating rounds.", DefaultValueFactory = _ => new GatewayBenchmarkOptions().Rounds };
        var command = new Command("licensing", "Signed verdicts, usage in batches, licenses and activations at 50 a second.") { rounds };
        command.SetAction(async parsed =>
        {
            using var load = LoadProcess.Start(ChildProcesses.Self);
            await new LicensingBenchmark(new GatewayBenchmarkOptions { Rounds = parsed.GetValue(rounds) }, load).RunAsync();
        });
        return command;
    }
}
