using System.CommandLine;
using Spectre.Console;
using ValidonX.Benchmarks.Load;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>
/// <c>redis-away</c>: what callers of warm validates feel while Redis is away, see <see cref="RedisFault"/>. Limits then come out of each gateway's own
/// share, and a few seconds later, with the leases on the caches over, every value in use is read again every few seconds.
/// </summary>
internal static class RedisAwayCommand
{
    private const int WarmUps = 8;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(4);

    public static Command Create()
    {
        var connections = new Option<int[]>("--connections")
        {
            Description = "Connections, each with one request at a time.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [64],
        };
        var tenants = new Option<int[]>("--tenants")
        {
            Description = "Tenants that call in turn, each with its key, its license and its database.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [1, 100],
        };
        var faults = new Option<string[]>("--faults")
        {
            Description = $"How Redis is away: {string.Join(", ", RedisFault.All.Select(fault => fault.Name))}.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. RedisFault.All.Select(fault => fault.Name)],
        };
        faults.AcceptOnlyFromAmong([.. RedisFault.All.Select(fault => fault.Name)]);
        var command = new Command("redis-away", "Warm validates before, while and after Redis is away.") { connections, tenants, faults };
        command.SetAction(parsed => RunAsync(
            parsed.GetValue(connections)!,
            parsed.GetValue(tenants)!,
            [.. RedisFault.All.Where(fault => parsed.GetValue(faults)!.Contains(fault.Name))]));
        return command;
    }

    private static async Task RunAsync(int[] connections, int[] tenants, IReadOnlyList<RedisFault> faults)
    {
        using var load = LoadProcess.Start(ChildProcesses.Self);
        await using var stack = await BenchmarkStack.StartAsync();
        var all = await stack.CreateTenantsAsync(tenants.Max(), licenses: 1);
        foreach (var some in tenants)
        {
            var validate = new Contender(
                Figure.Text(some) + (some == 1 ? " tenant" : " tenants"),
                stack.GatewayPort,
                [.. all.Take(some).Select(tenant => PreparedRequest.Validate(tenant.ApiKey, tenant.LicenseKeys[0]))]);
            for (var i = 0; i < WarmUps; i++)
            {
                await validate.LoadAsync(load, connections[0], Load);
            }

            foreach (var count in connections)
            {
                foreach (var fault in faults)
                {
                    await MeasureAsync(validate, load, stack, fault, count);
                    await validate.LoadAsync(load, count, Load);
                }
            }
        }
    }

    private static async Task MeasureAsync(Contender validate, LoadProcess load, BenchmarkStack stack, RedisFault fault, int connections)
    {
        var results = new List<(string When, LoadResult Result)>();
        async Task NoteAsync(string when, TimeSpan duration) => results.Add((when, await validate.LoadAsync(load, connections, duration)));

        await NoteAsync("before", Load);
        await fault.BeginAsync(stack);
        try
        {
            await NoteAsync("the first second", Second);
            await NoteAsync("the next four", Load);
            await NoteAsync("the four after them", Load);
            await NoteAsync("eight more", Load * 2);
        }
        finally
        {
            await fault.EndAsync(stack);
        }

        await NoteAsync("the second in which Redis is back", Second);
        await NoteAsync("after it", Load);

        var table = new Table().Title($"Redis {fault.Name}: warm validates, {validate.Name}, {connections} connections")
            .AddColumns("when", "requests/s", "P50 ms", "P99 ms", "P99 ÷ before", "bad");
        foreach (var (when, result) in results)
        {
            table.AddRow(
                when,
                Figure.Text(result.PerSecond, "0"),
                Figure.Text(result.P50.TotalMilliseconds, "0.00"),
                Figure.Text(result.P99.TotalMilliseconds, "0.00"),
                Figure.Text(result.P99 / results[0].Result.P99, "0.00"),
                Figure.Text(result.Bad));
        }

        AnsiConsole.Write(table);
    }
}
