using Spectre.Console;
using ValidonX.Benchmarks.Provisioning;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Jobs;

/// <summary>Claims one job after the other in a large and in a small backlog, in turn, beside a commit alone; each job is replaced, so that both keep their size.</summary>
internal static class JobsBenchmark
{
    private const int FewJobs = 100;
    private const int FewTenants = 10;

    public static async Task RunAsync(int jobs, int tenants, int claims)
    {
        await using var stack = await ProvisioningStack.StartAsync();
        await using var large = await Backlog.MakeAsync(stack.PlatformConnectionString, "vx_bench_jobs_large", jobs, tenants);
        await using var small = await Backlog.MakeAsync(stack.PlatformConnectionString, "vx_bench_jobs_small", FewJobs, FewTenants);
        List<double> inLarge = [], inSmall = [], bare = [];
        for (var i = -(claims / 10); i < claims; i++)
        {
            var (commit, few, many) = (await small.CommitAsync(), await small.ClaimAsync(), await large.ClaimAsync());
            if (i >= 0)
            {
                bare.Add(commit);
                inSmall.Add(few);
                inLarge.Add(many);
            }
        }

        var table = new Table().AddColumns("backlog", "claim P50 ms", "claim P99 ms", "counting ms");
        Add("a commit alone", bare, "");
        Add(Of(FewJobs, FewTenants), inSmall, Figure.Text(await small.CountAsync(), "0.0"));
        Add(Of(jobs, tenants), inLarge, Figure.Text(await large.CountAsync(), "0.0"));
        AddRatio("large / small", inLarge, inSmall);
        AddRatio("large / commit", inLarge, bare);
        AnsiConsole.Write(table);

        void Add(string name, List<double> times, string counting) => table.AddRow(
            name, Figure.Text(Series.MedianOf(times), "0.00"), Figure.Text(Series.Percentile(times, 0.99), "0.00"), counting);

        void AddRatio(string name, List<double> times, List<double> others) => table.AddRow(
            name,
            Figure.Text(Series.MedianOf(times) / Series.MedianOf(others), "0.00"),
            Figure.Text(Series.Percentile(times, 0.99) / Series.Percentile(others, 0.99), "0.00"),
            "");

        static string Of(int count, int owners) => $"{Figure.Text(count)} jobs of {Figure.Text(owners)} tenants";
    }
}
