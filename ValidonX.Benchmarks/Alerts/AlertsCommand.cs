using System.CommandLine;

namespace ValidonX.Benchmarks.Alerts;

/// <summary><c>alerts</c>: what one look at all tenants costs.</summary>
internal static class AlertsCommand
{
    public static Command Create()
    {
        var tenants = new Option<int>("--tenants") { Description = "Tenants that have called in the last two minutes.", DefaultValueFactory = _ => 5_000 };
        var command = new Command("alerts", "The time and the processor time of one look at everything that alerts are about, of who calls most, and of writing what a gateway has counted.") { tenants };
        command.SetAction(parsed => AlertsBenchmark.RunAsync(parsed.GetValue(tenants)));
        return command;
    }
}
