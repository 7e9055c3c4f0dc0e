using System.CommandLine;

namespace ValidonX.Benchmarks.Jobs;

/// <summary><c>jobs</c>: what a claim costs with a large backlog, beside what it costs with a small one.</summary>
internal static class JobsCommand
{
    public static Command Create()
    {
        var jobs = new Option<int>("--jobs") { Description = "Due jobs of the large backlog.", DefaultValueFactory = _ => 100_000 };
        var tenants = new Option<int>("--tenants") { Description = "Tenants that they belong to; half of the jobs are one tenant's.", DefaultValueFactory = _ => 1_000 };
        var claims = new Option<int>("--claims") { Description = "Claims in each backlog, alternating.", DefaultValueFactory = _ => 500 };
        var command = new Command("jobs", "The time of a claim with many due jobs against the same with few.") { jobs, tenants, claims };
        command.SetAction(parsed => JobsBenchmark.RunAsync(parsed.GetValue(jobs), parsed.GetValue(tenants), parsed.GetValue(claims)));
        return command;
    }
}
