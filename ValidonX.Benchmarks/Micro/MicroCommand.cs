using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace ValidonX.Benchmarks.Micro;

/// <summary><c>micro</c>: what the parts of the gateway's path cost by themselves.</summary>
internal static class MicroCommand
{
    public static Command Create()
    {
        var filter = new Option<string>("--filter") { Description = "Which benchmarks, as BenchmarkDotNet takes it.", DefaultValueFactory = _ => "*" };
        var command = new Command("micro", "BenchmarkDotNet: resolution, limiter and headers of a warm request, in nanoseconds and bytes.") { filter };
        command.SetAction(async parsed =>
        {
            await using var gateway = await WarmGateway.StartAsync();
            BenchmarkSwitcher.FromTypes([typeof(WarmPathBenchmarks)]).Run(
                ["--filter", parsed.GetValue(filter)!, "--artifacts", Path.Combine(Path.GetTempPath(), "validonx-micro")],
                // In this process, where the gateway is.
                ManualConfig.Create(DefaultConfig.Instance)
                    .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
                    .AddDiagnoser(MemoryDiagnoser.Default));
        });
        return command;
    }
}
