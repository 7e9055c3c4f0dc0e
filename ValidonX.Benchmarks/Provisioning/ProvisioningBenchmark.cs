using Spectre.Console;
using ValidonX.Benchmarks.Reporting;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Provisioning;

namespace ValidonX.Benchmarks.Provisioning;

/// <summary>
/// Provisioning through the real provisioner against the same statements as one raw script, in alternating rounds of one run: only the
/// ratio within a round is meaningful on a shared machine.
/// </summary>
internal sealed class ProvisioningBenchmark(int rounds, int existing)
{
    private const int WarmUps = 5;
    private const double RatioAim = 2;
    private const double MillisecondsAim = 1000;

    /// <summary>Runs everything and prints the tables.</summary>
    public async Task RunAsync()
    {
        AnsiConsole.MarkupLine("Starting the stack…");
        await using var stack = await ProvisioningStack.StartAsync();
        await using var source = DatabaseClient.CreateDataSource(ConnectionSettings.Parse(stack.PlatformConnectionString));
        await using var administrator = await source.OpenConnectionAsync();
        var raw = new RawScript(administrator);
        for (var i = 0; i < WarmUps; i++)
        {
            await raw.RunAsync();
            await stack.ProvisionAsync();
        }

        for (var i = 0; i < existing; i++)
        {
            await raw.RunAsync();
        }

        var script = new Series("the same as one raw script");
        var run = new Series("provisioning run, request to active");
        var stages = ProvisioningStages.InOrder.Select(name => new Series(name)).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            script.Add(await raw.RunAsync());
            var (total, own) = await stack.ProvisionAsync();
            run.Add(total);
            foreach (var (index, milliseconds) in own.Index())
            {
                stages[index].Add(milliseconds);
            }
        }

        Report(administrator.ServerVersion, script, run);
        ReportStages(stages);
    }

    private static string Text(double milliseconds) => Figure.Text(milliseconds, "0.0");

    private static void Report(string server, Series script, Series run)
    {
        var table = new Table().Title($"Provisioning on {Markup.Escape(server)}, {script.Values.Count} alternating rounds, ms")
            .AddColumn("what").AddColumn(new TableColumn("median").RightAligned()).AddColumn(new TableColumn("P95").RightAligned())
            .AddColumn(new TableColumn("max").RightAligned()).AddColumn(new TableColumn("ratio").RightAligned());
        table.AddRow(script.Name, Text(script.Median), Text(Series.Percentile95(script.Values)), Text(script.Maximum), "1");
        table.AddRow(
            run.Name,
            Text(run.Median),
            Text(Series.Percentile95(run.Values)),
            Text(run.Maximum),
            Figure.Text(run.RatioTo(script), "0.00"));
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine(run.RatioTo(script) <= RatioAim && Series.Percentile95(run.Values) < MillisecondsAim
            ? $"Aim met: ratio at most {RatioAim}, P95 below one second."
            : $"Aim missed: ratio at most {RatioAim}, P95 below one second.");
    }

    private static void ReportStages(IEnumerable<Series> stages)
    {
        var table = new Table().Title("Each stage's own work, ms (its record comes on top)")
            .AddColumn("stage").AddColumn(new TableColumn("median").RightAligned()).AddColumn(new TableColumn("P95").RightAligned());
        foreach (var stage in stages)
        {
            table.AddRow(stage.Name, Text(stage.Median), Text(Series.Percentile95(stage.Values)));
        }

        AnsiConsole.Write(table);
    }
}
