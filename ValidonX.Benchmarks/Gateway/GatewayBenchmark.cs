using Spectre.Console;
using ValidonX.Benchmarks.Load;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>
/// The gateway's hot path against its floor and its peers, in alternating rounds of one run: only ratios within a round are meaningful
/// on a shared machine.
/// </summary>
internal sealed class GatewayBenchmark(GatewayBenchmarkOptions options, LoadProcess load)
{
    private const string ConstantCluster = "constant";
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2.5);

    /// <summary>Runs everything and prints the tables.</summary>
    public async Task RunAsync()
    {
        using var children = new ChildProcesses();
        var folder = Directory.CreateTempSubdirectory("validonx-bench-");
        try
        {
            var constant = ChildProcesses.FreePort();
            // As the licensing API, which it stands for: a server that spins for work takes the cores from every proxy before it.
            await children.StartAsync(BareProxy.WithGatewaySettings(ChildProcesses.Self("serve", "constant", "--port", Figure.Text(constant))), constant);
            var bare = ChildProcesses.FreePort();
            await children.StartSelfAsync(bare, "serve", "proxy", "--port", Figure.Text(bare), "--upstream", $"http://127.0.0.1:{Figure.Text(constant)}");

            AnsiConsole.MarkupLine("Starting the stack…");
            await using var stack = await BenchmarkStack.StartAsync($"--Stack:Clusters:constant:only=http://127.0.0.1:{Figure.Text(constant)}");
            await using var counters = new ServerCounters(stack);
            var routed = (await stack.CreateTenantsAsync(1, licenses: 1, ConstantCluster))[0];
            var tenant = (await stack.CreateTenantsAsync(1, licenses: 1))[0];
            var request = PreparedRequest.Validate(routed.ApiKey, routed.LicenseKeys[0]);
            var validate = PreparedRequest.Validate(tenant.ApiKey, tenant.LicenseKeys[0]);

            var contenders = new List<Contender>
            {
                new("constant endpoint, direct", constant, [request]),
                new("bare YARP to it", bare, [request]),
                new("gateway, everything on, to it", stack.GatewayPort, [request]),
                new("validate through the gateway, warm", stack.GatewayPort, [validate]),
            };
            // Half of what sets the gateway apart from a proxy out of the box are two settings of the runtime, which any proxy could have.
            var tuned = ChildProcesses.FreePort();
            await children.StartAsync(BareProxy.WithGatewaySettings(ChildProcesses.Self("serve", "proxy", "--port", Figure.Text(tuned), "--upstream", $"http://127.0.0.1:{Figure.Text(constant)}")), tuned);
            contenders.Add(new Contender("bare YARP with the gateway's runtime settings", tuned, [request]));
            await AddForeignAsync(contenders, children, folder.FullName, constant, request);

            await counters.StartAsync(TimeSpan.FromSeconds(5));
            await new AlternatingRounds(options, load).RunAsync(contenders);
            Report(contenders);
            await CallsPerRequestAsync(counters, stack.GatewayPort, validate);
            await AllocationsAsync(stack, contenders[2], contenders[3]);
            await ColdAsync(stack);
            await TenantsAsync(stack, contenders[1]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task AddForeignAsync(List<Contender> contenders, ChildProcesses children, string folder, int upstream, byte[] request)
    {
        var port = ChildProcesses.FreePort();
        if (ForeignProxy.Nginx(folder, port, upstream) is { } nginx)
        {
            await children.StartAsync(nginx, port);
            contenders.Add(new Contender("nginx with a limit per key, to it", port, [request]));
        }

        port = ChildProcesses.FreePort();
        if (ForeignProxy.HAProxy(folder, port, upstream) is { } haproxy)
        {
            await children.StartAsync(haproxy, port);
            contenders.Add(new Contender("HAProxy with a limit per key, to it", port, [request]));
        }
    }

    private void Report(List<Contender> contenders)
    {
        var bare = contenders[1];
        var table = new Table().Title($"Throughput, {options.Rounds} alternating rounds of {options.Round.TotalSeconds:0} s, {options.Connections} connections")
            .AddColumns("what", "requests/s, median", "min – max", "÷ bare YARP", "P50 ms", "P99 ms", "bad");
        foreach (var contender in contenders)
        {
            var speed = contender.PerSecond;
            table.AddRow(
                contender.Name,
                Figure.Text(speed.Median, "0"),
                $"{Figure.Text(speed.Minimum, "0")} – {Figure.Text(speed.Maximum, "0")}",
                Figure.Text(speed.RatioTo(bare.PerSecond), "0.00"),
                Figure.Text(contender.P50.Median, "0.00"),
                Figure.Text(contender.P99.Median, "0.00"),
                Figure.Text(contender.Bad));
        }

        AnsiConsole.Write(table);
    }

    private async Task CallsPerRequestAsync(ServerCounters counters, int port, byte[] validate)
    {
        var before = await counters.ReadAsync();
        var started = TimeProvider.System.GetTimestamp();
        var result = await load.RunAsync(port, [validate], options.Connections, options.Round);
        var elapsed = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        var after = await counters.ReadAsync();
        var redis = after.Redis - before.Redis - (counters.IdlePerSecond.Redis * elapsed);
        var sql = after.Sql - before.Sql - (counters.IdlePerSecond.Sql * elapsed);
        AnsiConsole.Write(new Table().Title("Calls counted at the servers during warm validates")
            .AddColumns("server", "while idle, a second", "more under load, a second", "a request")
            .AddRow("Redis", Figure.Text(counters.IdlePerSecond.Redis, "0.0"), Figure.Text(redis / elapsed, "0.0"), Figure.Text(redis / result.Good, "0.000000"))
            .AddRow("SQL", Figure.Text(counters.IdlePerSecond.Sql, "0.0"), Figure.Text(sql / elapsed, "0.0"), Figure.Text(sql / result.Good, "0.000000")));
    }

    private async Task AllocationsAsync(BenchmarkStack stack, params Contender[] loads)
    {
        if (await stack.ProcessIdAsync("gateway") is not { } gatewayId || await stack.ProcessIdAsync("licensing-api-1") is not { } apiId)
        {
            return;
        }

        using var gateway = new AllocationCounter(gatewayId);
        using var api = new AllocationCounter(apiId);
        var table = new Table().Title("Allocated for a request, as the runtimes count it").AddColumns("what", "gateway, bytes", "licensing API, bytes");
        foreach (var contender in loads)
        {
            // The runtimes count once a second: what is counted between two quiet seconds belongs to the load.
            await Task.Delay(Quiet);
            var before = (Gateway: gateway.Bytes, Api: api.Bytes);
            var result = await contender.LoadAsync(load, options.Connections, options.Round);
            await Task.Delay(Quiet);
            table.AddRow(
                contender.Name,
                Figure.Text((gateway.Bytes - before.Gateway) / result.Good, "0"),
                Figure.Text((api.Bytes - before.Api) / result.Good, "0"));
        }

        AnsiConsole.Write(table);
    }

    private async Task ColdAsync(BenchmarkStack stack)
    {
        var tenant = (await stack.CreateTenantsAsync(1, options.ColdLicenses))[0];
        var requests = tenant.LicenseKeys.Select(key => PreparedRequest.Validate(tenant.ApiKey, key)).ToArray();
        var cold = await load.RunAsync(stack.GatewayPort, requests, options.Connections, TimeSpan.FromMinutes(2), requests.Length);
        var warm = await load.RunAsync(stack.GatewayPort, requests, options.Connections, TimeSpan.FromMinutes(2), requests.Length);
        AnsiConsole.Write(new Table().Title($"{requests.Length} licenses, each asked for the first and the second time")
            .AddColumns("what", "requests/s", "P50 ms", "P99 ms", "bad")
            .AddRow("cold", Figure.Text(cold.PerSecond, "0"), Figure.Text(cold.P50.TotalMilliseconds, "0.00"), Figure.Text(cold.P99.TotalMilliseconds, "0.00"), Figure.Text(cold.Bad))
            .AddRow("warm", Figure.Text(warm.PerSecond, "0"), Figure.Text(warm.P50.TotalMilliseconds, "0.00"), Figure.Text(warm.P99.TotalMilliseconds, "0.00"), Figure.Text(warm.Bad)));
    }

    private async Task TenantsAsync(BenchmarkStack stack, Contender bare)
    {
        var table = new Table().Title("Warm validates over more tenants, each with its own database, key and license")
            .AddColumns("tenants", "requests/s, median", "÷ bare YARP", "P50 ms", "P99 ms", "bad");
        var tenants = new List<BenchmarkTenant>();
        foreach (var count in options.Tenants.Order())
        {
            AnsiConsole.MarkupLine($"Provisioning up to {count} tenants…");
            tenants.AddRange(await stack.CreateTenantsAsync(count - tenants.Count, licenses: 1));
            var requests = tenants.Select(tenant => PreparedRequest.Validate(tenant.ApiKey, tenant.LicenseKeys[0])).ToArray();
            var many = new Contender($"{count}", stack.GatewayPort, requests);
            var floor = new Contender(bare.Name, bare.Port, bare.Requests);
            await new AlternatingRounds(options, load).RunAsync([floor, many]);
            table.AddRow(
                many.Name,
                Figure.Text(many.PerSecond.Median, "0"),
                Figure.Text(many.PerSecond.RatioTo(floor.PerSecond), "0.00"),
                Figure.Text(many.P50.Median, "0.00"),
                Figure.Text(many.P99.Median, "0.00"),
                Figure.Text(many.Bad));
        }

        AnsiConsole.Write(table);
    }
}
