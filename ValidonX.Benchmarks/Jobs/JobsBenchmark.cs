using Spectre.Console;
using ValidonX.Benchmarks.Provisioning;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Jobs;

/// <summary>Claims one job after the other in a large and in a small backlog, in turn; each is replaced, so that both keep their size.</summary>
internal static class JobsBenchmark
{
    private const int FewJobs = 100;
    private const int FewTenants = 10;

    public static async Task RunAsync(int jobs, int tenants, int claims)
    {
        await using var stack = await ProvisioningStack.StartAsync();
        await using var large = await Backlog.MakeAsync(stack.PlatformConnectionString, "vx_bench_jobs_large", jobs, tenants);
        await using var small = await Backlog.MakeAsync(stack.PlatformConnectionString, "vx_bench_jobs_small", FewJobs, FewTenants);
        List<double> inLarge = [], inSmall = [];
        for (var i = -(claims / 10); i < claims; i++)
        {
            var (few, many) = (await small.ClaimAsync(), await large.ClaimAsync());
            if (i >= 0)
            {
                inSmall.Add(few);
                inLarge.Add(many);
            }
        }

        var table = new Table().AddColumns("backlog", "claim P50 ms", "claim P99 ms", "counting ms");
        Add(FewJobs, FewTenants, inSmall, await small.CountAsync());
        Add(jobs, tenants, inLarge, await large.CountAsync());
        table.AddRow(
            "ratio",
            Figure.Text(Series.MedianOf(inLarge) / Series.MedianOf(inSmall), "0.00"),
            Figure.Text(Series.Percentile(inLarge, 0.99) / Series.Percentile(inSmall, 0.99), "0.00"),
            "");
        AnsiConsole.Write(table);

        void Add(int count, int owners, List<double> times, double counting) => table.AddRow(
            $"{Figure.Text(count)} jobs of {Figure.Text(owners)} tenants",
            Figure.Text(Series.MedianOf(times), "0.00"),
            Figure.Text(Series.Percentile(times, 0.99), "0.00"),
            Figure.Text(counting, "0.0"));
    }
}
