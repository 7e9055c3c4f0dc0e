using System.CommandLine;

namespace ValidonX.Benchmarks.Bulk;

/// <summary><c>import</c>: how fast licenses come in by the thousand, and in how much memory.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var rows = new Option<int>("--rows") { Description = "Rows of each import.", DefaultValueFactory = _ => 100_000 };
        var rounds = new Option<int>("--rounds") { Description = "Alternating rounds.", DefaultValueFactory = _ => 3 };
        var command = new Command("import", "An import through the gateway against the same rows as bare INSERTs of five hundred rows each.") { rows, rounds };
        command.SetAction(parsed => ImportBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(rounds)));
        return command;
    }
}
