using System.CommandLine;
using Spectre.Console;
using ValidonX.Benchmarks.Alerts;
using ValidonX.Benchmarks.Bulk;
using ValidonX.Benchmarks.Comparison;
using ValidonX.Benchmarks.Gateway;
using ValidonX.Benchmarks.Jobs;
using ValidonX.Benchmarks.Licensing;
using ValidonX.Benchmarks.Micro;
using ValidonX.Benchmarks.Pages;
using ValidonX.Benchmarks.Provisioning;

// Tables are made to be read in a log too, where no terminal says how wide it is.
AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 130);

var root = new RootCommand("The numbers of ValidonX: every command starts what it needs, runs its contenders in turn and prints ratios.")
{
    AlertsCommand.Create(),
    CompareCommand.Create(),
    GatewayCommand.Create(),
    HammerCommand.Create(),
    ImportCommand.Create(),
    JobsCommand.Create(),
    LicensingCommand.Create(),
    MicroCommand.Create(),
    PagesCommand.Create(),
    ProvisioningCommand.Create(),
    RedisAwayCommand.Create(),
    ServeCommand.Create(),
    TelemetryCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
