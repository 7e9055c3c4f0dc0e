using System.CommandLine;
using ValidonX.Benchmarks.Comparison;
using ValidonX.Benchmarks.Load;

namespace ValidonX.Benchmarks.Gateway;

/// <summary><c>serve</c>: the roles that the gateway benchmark starts as processes of their own.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Required = true };
        var constant = new Command("constant", "An endpoint that always answers the same.") { port };
        constant.SetAction(parsed => ConstantServer.ServeAsync(parsed.GetValue(port)));

        var upstream = new Option<string>("--upstream") { Required = true };
        var proxy = new Command("proxy", "YARP with one route and nothing else.") { port, upstream };
        proxy.SetAction(parsed => BareProxy.ServeAsync(parsed.GetValue(port), parsed.GetValue(upstream)!));

        var load = new Command("load", "Runs loads that standard input orders, a line of JSON each.");
        load.SetAction(_ => LoadOrder.ServeAsync());

        var collector = new Command("collector", "Takes and forgets all telemetry.") { port };
        collector.SetAction(parsed => CollectorServer.ServeAsync(parsed.GetValue(port)));

        var describe = new Option<string>("--describe") { Required = true, Description = "The file that tells, once it stands, how to load it." };
        var coldTenants = new Option<int>("--cold-tenants");
        var coldLicenses = new Option<int>("--cold-licenses");
        var stack = new Command("stack", "A whole stack with its bare proxies, until standard input ends.") { describe, coldTenants, coldLicenses };
        stack.SetAction(parsed => StandingStack.ServeAsync(parsed.GetValue(describe)!, parsed.GetValue(coldTenants), parsed.GetValue(coldLicenses)));

        return new Command("serve", "Roles of the benchmarks' own processes.") { constant, proxy, load, collector, stack };
    }
}
