using System.CommandLine;
using ValidonX.Benchmarks.Load;

namespace ValidonX.Benchmarks.Gateway;

/// <summary><c>gateway</c>: the hot path against its floor and its peers.</summary>
internal static class GatewayCommand
{
    public static Command Create()
    {
        var defaults = new GatewayBenchmarkOptions();
        var rounds = new Option<int>("--rounds") { Description = "Alternating rounds.", DefaultValueFactory = _ => defaults.Rounds };
        var seconds = new Option<double>("--seconds") { Description = "Length of one load.", DefaultValueFactory = _ => defaults.Round.TotalSeconds };
        var connections = new Option<int>("--connections") { Description = "Connections, each with one request at a time.", DefaultValueFactory = _ => defaults.Connections };
        var warmUp = new Option<int>("--warm-up") { Description = "Most uncounted loads of each contender.", DefaultValueFactory = _ => defaults.LongestWarmUp };
        var tenants = new Option<int[]>("--tenants")
        {
            Description = "Numbers of tenants to compare.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. defaults.Tenants],
        };
        var command = new Command("gateway", "The gateway with everything on against bare YARP, nginx and HAProxy; warm, cold, and over many tenants.")
        {
            rounds, seconds, connections, warmUp, tenants,
        };
        command.SetAction(async parsed =>
        {
            var options = defaults with
            {
                Rounds = parsed.GetValue(rounds),
                Round = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                Connections = parsed.GetValue(connections),
                LongestWarmUp = parsed.GetValue(warmUp),
                Tenants = parsed.GetValue(tenants)!,
            };
            using var load = LoadProcess.Start(ChildProcesses.Self);
            await new GatewayBenchmark(options, load).RunAsync();
        });
        return command;
    }
}
