using System.CommandLine;
using Spectre.Console;
using ValidonX.Benchmarks.Load;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>
/// <c>telemetry</c>: what telemetry costs a warm validate. Stacks without it and with it at several settings of its sampling, which export to
/// one collector process, are loaded in alternating rounds.
/// </summary>
internal static class TelemetryCommand
{
    public static Command Create()
    {
        var defaults = new GatewayBenchmarkOptions();
        var rounds = new Option<int>("--rounds") { Description = "Alternating rounds.", DefaultValueFactory = _ => defaults.Rounds };
        var warmUps = new Option<int>("--warm-up") { Description = "Most uncounted loads of each.", DefaultValueFactory = _ => defaults.LongestWarmUp };
        var all = new Option<bool>("--all") { Description = "Also with every trace kept, without a bound." };
        var command = new Command("telemetry", "Warm validates with telemetry exported to a collector against the same without.") { rounds, warmUps, all };
        command.SetAction(parsed => RunAsync(
            defaults with { Rounds = parsed.GetValue(rounds), LongestWarmUp = parsed.GetValue(warmUps) }, parsed.GetValue(all)));
        return command;
    }

    private static async Task RunAsync(GatewayBenchmarkOptions options, bool all)
    {
        using var children = new ChildProcesses();
        using var load = LoadProcess.Start(ChildProcesses.Self);
        var collector = ChildProcesses.FreePort();
        await children.StartSelfAsync(collector, "serve", "collector", "--port", Figure.Text(collector));
        string[] exported = [$"--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:{Figure.Text(collector)}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"];

        var stacks = new List<BenchmarkStack>();
        var contenders = new List<Contender>();
        try
        {
            await AddAsync("telemetry off");
            await AddAsync("telemetry exported", exported);
            if (all)
            {
                // The services are children of this process and take its variables over.
                Environment.SetEnvironmentVariable("Telemetry__TracesPerSecond", "1000000");
                await AddAsync("telemetry exported, every trace", exported);
                Environment.SetEnvironmentVariable("Telemetry__TracesPerSecond", null);
            }

            await new AlternatingRounds(options, load).RunAsync(contenders);
            Report(contenders, options);
        }
        finally
        {
            foreach (var stack in stacks)
            {
                await stack.DisposeAsync();
            }
        }

        async Task AddAsync(string name, params string[] settings)
        {
            var stack = await BenchmarkStack.StartAsync(settings);
            stacks.Add(stack);
            var tenant = (await stack.CreateTenantsAsync(1, licenses: 1))[0];
            contenders.Add(new Contender(name, stack.GatewayPort, [PreparedRequest.Validate(tenant.ApiKey, tenant.LicenseKeys[0])]));
        }
    }

    private static void Report(List<Contender> contenders, GatewayBenchmarkOptions options)
    {
        var table = new Table().Title($"Warm validates, {options.Rounds} alternating rounds of {options.Round.TotalSeconds:0} s, {options.Connections} connections")
            .AddColumns("what", "requests/s, median", "min – max", "÷ off", "P50 ms", "P99 ms", "bad");
        foreach (var contender in contenders)
        {
            table.AddRow(
                contender.Name,
                Figure.Text(contender.PerSecond.Median, "0"),
                $"{Figure.Text(contender.PerSecond.Minimum, "0")} – {Figure.Text(contender.PerSecond.Maximum, "0")}",
                Figure.Text(contender.PerSecond.RatioTo(contenders[0].PerSecond), "0.00"),
                Figure.Text(contender.P50.Median, "0.00"),
                Figure.Text(contender.P99.Median, "0.00"),
                Figure.Text(contender.Bad));
        }

        AnsiConsole.Write(table);
    }
}
