using System.CommandLine;

namespace ValidonX.Benchmarks.Pages;

/// <summary><c>pages</c>: how long the portal takes for its pages when there is much to show.</summary>
internal static class PagesCommand
{
    public static Command Create()
    {
        var tenants = new Option<int>("--tenants") { Description = "Tenants of the platform.", DefaultValueFactory = _ => 1_000 };
        var licenses = new Option<int>("--licenses") { Description = "Licenses of the tenant whose pages are asked for.", DefaultValueFactory = _ => 100_000 };
        var rounds = new Option<int>("--rounds") { Description = "How often each page is asked for.", DefaultValueFactory = _ => 40 };
        var command = new Command("pages", "Every page of the portal in turn, and when a browser paints the first of it.") { tenants, licenses, rounds };
        command.SetAction(parsed => PagesBenchmark.RunAsync(parsed.GetValue(tenants), parsed.GetValue(licenses), parsed.GetValue(rounds)));
        return command;
    }
}
