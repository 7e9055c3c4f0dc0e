using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using ValidonX.Benchmarks.Gateway;
using ValidonX.Benchmarks.Load;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Comparison;

/// <summary>
/// <c>compare</c>: this build against another one. Both stacks stand at the same time, and one load generator asks them in alternating rounds; two runs
/// one after the other differ by more than two builds do.
/// </summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var defaults = new GatewayBenchmarkOptions();
        var other = new Option<string>("--other") { Description = "ValidonX.Benchmarks.dll of the other build.", Required = true };
        var rounds = new Option<int>("--rounds") { Description = "Alternating rounds.", DefaultValueFactory = _ => defaults.Rounds };
        var seconds = new Option<double>("--seconds") { Description = "Length of one load.", DefaultValueFactory = _ => defaults.Round.TotalSeconds };
        var warmUp = new Option<int>("--warm-up") { Description = "Most uncounted loads of each contender.", DefaultValueFactory = _ => defaults.LongestWarmUp };
        var command = new Command("compare", "Warm and cold validates of this build against another one, both standing at once.") { other, rounds, seconds, warmUp };
        command.SetAction(parsed => RunAsync(parsed.GetValue(other)!, defaults with
        {
            Rounds = parsed.GetValue(rounds),
            Round = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
            LongestWarmUp = parsed.GetValue(warmUp),
        }));
        return command;
    }

    private static async Task RunAsync(string other, GatewayBenchmarkOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("validonx-compare-");
        try
        {
            using var load = LoadProcess.Start(ChildProcesses.Self);
            await using var theirs = StackProcess.Start(ChildProcesses.InOwnSession("dotnet", other), Path.Combine(folder.FullName, "other.json"), options);
            await using var ours = StackProcess.Start(ChildProcesses.Self(), Path.Combine(folder.FullName, "this.json"), options);
            var (old, present) = (await theirs.ReadyAsync(), await ours.ReadyAsync());
            var (before, after) = (Contenders(old), Contenders(present));
            await new AlternatingRounds(options, load).RunAsync([.. before.Zip(after).SelectMany(pair => new[] { pair.First, pair.Second })]);
            Report(before, after, options);
            await ColdAsync(load, old, present, options);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Contender[] Contenders(StandingStack stack) =>
        [.. stack.Contenders.Select(contender => new Contender(contender.Name, contender.Port, [Encoding.ASCII.GetBytes(contender.Request)]))];

    private static void Report(Contender[] before, Contender[] after, GatewayBenchmarkOptions options)
    {
        var table = new Table().Title($"The other build and this one, {options.Rounds} alternating rounds of {options.Round.TotalSeconds:0} s, {options.Connections} connections")
            .AddColumns("what", "other/s", "this/s", "this ÷ other", "other ÷ bare", "this ÷ bare", "other ÷ tuned", "this ÷ tuned", "P99 ms other", "this", "bad");
        foreach (var (old, present) in before.Zip(after))
        {
            table.AddRow(
                old.Name,
                Figure.Text(old.PerSecond.Median, "0"),
                Figure.Text(present.PerSecond.Median, "0"),
                Figure.Text(present.PerSecond.RatioTo(old.PerSecond), "0.000"),
                Figure.Text(old.PerSecond.RatioTo(before[0].PerSecond), "0.000"),
                Figure.Text(present.PerSecond.RatioTo(after[0].PerSecond), "0.000"),
                Figure.Text(old.PerSecond.RatioTo(before[1].PerSecond), "0.000"),
                Figure.Text(present.PerSecond.RatioTo(after[1].PerSecond), "0.000"),
                Figure.Text(old.P99.Median, "0.00"),
                Figure.Text(present.P99.Median, "0.00"),
                Figure.Text(old.Bad + present.Bad));
        }

        AnsiConsole.Write(table);
    }

    private static async Task ColdAsync(LoadProcess load, StandingStack old, StandingStack present, GatewayBenchmarkOptions options)
    {
        var table = new Table().Title($"{options.ColdLicenses} licenses of a tenant, each asked for the first time")
            .AddColumns("tenant", "other/s", "this/s", "this ÷ other", "P99 ms other", "this", "bad");
        for (var i = 0; i < present.Cold.Count; i++)
        {
            var theirs = await FirstReadsAsync(old, i);
            var ours = await FirstReadsAsync(present, i);
            table.AddRow(
                Figure.Text(i + 1),
                Figure.Text(theirs.PerSecond, "0"),
                Figure.Text(ours.PerSecond, "0"),
                Figure.Text(ours.PerSecond / theirs.PerSecond, "0.00"),
                Figure.Text(theirs.P99.TotalMilliseconds, "0.00"),
                Figure.Text(ours.P99.TotalMilliseconds, "0.00"),
                Figure.Text(theirs.Bad + ours.Bad));
        }

        AnsiConsole.Write(table);

        Task<LoadResult> FirstReadsAsync(StandingStack stack, int tenant)
        {
            byte[][] requests = [.. stack.Cold[tenant].Select(Encoding.ASCII.GetBytes)];
            return load.RunAsync(stack.GatewayPort, requests, options.Connections, TimeSpan.FromMinutes(2), requests.Length);
        }
    }

    /// <summary>The process that keeps a <see cref="StandingStack"/>.</summary>
    private sealed class StackProcess(Process process, string description) : IAsyncDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

        public static StackProcess Start(ProcessStartInfo start, string description, GatewayBenchmarkOptions options)
        {
            foreach (var argument in new[]
            {
                "serve", "stack", "--describe", description, "--cold-tenants", Figure.Text(options.ColdTenants), "--cold-licenses", Figure.Text(options.ColdLicenses),
            })
            {
                start.ArgumentList.Add(argument);
            }

            start.RedirectStandardInput = true;
            start.RedirectStandardOutput = true;
            var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            return new StackProcess(process, description);
        }

        public async Task<StandingStack> ReadyAsync()
        {
            var waited = Stopwatch.StartNew();
            while (!File.Exists(description))
            {
                if (process.HasExited || waited.Elapsed > Patience)
                {
                    throw new InvalidOperationException($"No stack stands after {waited.Elapsed.TotalSeconds:0} s.");
                }

                await Task.Delay(100);
            }

            return JsonSerializer.Deserialize<StandingStack>(await File.ReadAllTextAsync(description))!;
        }

        public async ValueTask DisposeAsync()
        {
            // The end of its input is its sign to stop everything in order.
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
