using System.CommandLine;

namespace ValidonX.Benchmarks.Provisioning;

/// <summary><c>provisioning</c>: how much the twelve stages, their records and their fences cost over the bare statements.</summary>
internal static class ProvisioningCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Alternating rounds.", DefaultValueFactory = _ => 40 };
        var existing = new Option<int>("--existing") { Description = "Tenants that are there before the first round.", DefaultValueFactory = _ => 0 };
        var command = new Command("provisioning", "A provisioning run from request to active against the same statements as one raw script.")
        {
            rounds, existing,
        };
        command.SetAction(parsed => new ProvisioningBenchmark(parsed.GetValue(rounds), parsed.GetValue(existing)).RunAsync());
        return command;
    }
}
