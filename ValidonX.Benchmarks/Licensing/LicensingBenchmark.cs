using System.Diagnostics;
using System.Text;
using Spectre.Console;
using ValidonX.Benchmarks.Gateway;
using ValidonX.Benchmarks.Load;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Licensing;

/// <summary>Calls beside the hot path, through the whole stack.</summary>
internal sealed class LicensingBenchmark(GatewayBenchmarkOptions options, LoadProcess load)
{
    private const int Batches = 120;
    private const int EventsInBatch = 250;
    private const int Pace = 50;
    private const int Licenses = 100;
    private static readonly TimeSpan PacedFor = TimeSpan.FromSeconds(20);

    /// <summary>Runs everything and prints the tables.</summary>
    public async Task RunAsync()
    {
        AnsiConsole.MarkupLine("Starting the stack…");
        await using var stack = await BenchmarkStack.StartAsync();
        var tenant = (await stack.CreateTenantsAsync(1, Licenses))[0];
        await SignedVerdictsAsync(stack, tenant);
        await BatchesAsync(stack, tenant);
        await PacedAsync(stack, tenant);
    }

    private async Task SignedVerdictsAsync(BenchmarkStack stack, BenchmarkTenant tenant)
    {
        var path = $"/v1/integration/licenses/{tenant.LicenseKeys[0]}/validate";
        var contenders = new List<Contender>
        {
            new("validate", stack.GatewayPort, [PreparedRequest.Validate(tenant.ApiKey, tenant.LicenseKeys[0])]),
            new("the same, asked with a body", stack.GatewayPort, [PreparedRequest.Post(path, tenant.ApiKey, """{"lease":false,"nonce":"8c1f0b7e"}""")]),
            new("the same with a signed verdict", stack.GatewayPort, [PreparedRequest.Post(path, tenant.ApiKey, """{"lease":true,"nonce":"8c1f0b7e"}""")]),
        };
        Process[] processes = [await ProcessAsync(stack, "gateway"), await ProcessAsync(stack, "licensing-api-1")];
        var costs = contenders.Select(contender => processes.Select(_ => new Series(contender.Name)).ToArray()).ToArray();

        await new AlternatingRounds(options with { Rounds = 0 }, load).RunAsync(contenders);
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (contender, cost) in contenders.Zip(costs))
            {
                var before = processes.Select(Used).ToArray();
                var result = await contender.LoadAsync(load, options.Connections, options.Round);
                contender.Note(result);
                foreach (var (series, (process, was)) in cost.Zip(processes.Zip(before)))
                {
                    series.Add((Used(process) - was).TotalMicroseconds / result.Good);
                }
            }
        }

        var table = new Table().Title($"Signed verdicts, {options.Rounds} rounds in turn of {options.Round.TotalSeconds:0} s, {options.Connections} connections; processor time a request")
            .AddColumns("what", "requests/s, median", "P50 ms", "P99 ms", "gateway, µs", "licensing API, µs", "more than with a body, µs", "bad");
        foreach (var (contender, cost) in contenders.Zip(costs))
        {
            table.AddRow(
                contender.Name,
                Figure.Text(contender.PerSecond.Median, "0"),
                Figure.Text(contender.P50.Median, "0.00"),
                Figure.Text(contender.P99.Median, "0.00"),
                Figure.Text(cost[0].Median, "0"),
                Figure.Text(cost[1].Median, "0"),
                Figure.Text(cost[0].Median + cost[1].Median - costs[1][0].Median - costs[1][1].Median, "0"),
                Figure.Text(contender.Bad));
        }

        AnsiConsole.Write(table);
    }

    private async Task BatchesAsync(BenchmarkStack stack, BenchmarkTenant tenant)
    {
        var table = new Table().Title($"Usage of one license, {Batches} batches of {EventsInBatch} reports, each with metadata and a key of its own")
            .AddColumns("connections", "reports/s", "P50 ms of a batch", "P99 ms", "bad");
        foreach (var connections in (int[])[1, 2, 8])
        {
            byte[][] requests = [.. Enumerable.Range(0, Batches).Select(_ => PreparedRequest.Post("/v1/integration/usage/batch", tenant.ApiKey, Batch(tenant.LicenseKeys[0])))];
            var result = await load.RunAsync(stack.GatewayPort, requests, connections, TimeSpan.FromMinutes(5), requests.Length);
            table.AddRow(
                Figure.Text(connections),
                Figure.Text(result.PerSecond * EventsInBatch, "0"),
                Figure.Text(result.P50.TotalMilliseconds, "0.0"),
                Figure.Text(result.P99.TotalMilliseconds, "0.0"),
                Figure.Text(result.Bad));
        }

        AnsiConsole.Write(table);
    }

    private async Task PacedAsync(BenchmarkStack stack, BenchmarkTenant tenant)
    {
        var count = (int)(Pace * PacedFor.TotalSeconds);
        var table = new Table().Title($"Changes at {Pace} a second for {PacedFor.TotalSeconds:0} s; latency from when each was due")
            .AddColumns("what", "a second", "P50 ms", "P99 ms", "bad");
        await AddAsync("validate, for comparison", [PreparedRequest.Validate(tenant.ApiKey, tenant.LicenseKeys[0])]);
        await AddAsync("create a license", [PreparedRequest.PostAsUser("/v1/tenant/licenses", tenant.BearerToken, """{"entitlements":{"export":true},"customer":{"name":"Acme","email":"it@acme.example"}}""")]);
        await AddAsync($"activate devices of {Figure.Text(Licenses)} licenses", Activations(tenant, tenant.LicenseKeys));
        await AddAsync("activate devices of one license, which take turns", Activations(tenant, [tenant.LicenseKeys[0]]));
        AnsiConsole.Write(table);

        async Task AddAsync(string what, byte[][] requests)
        {
            // The first half warms the path up.
            var half = requests.Length / 2;
            await load.RunAsync(stack.GatewayPort, half == 0 ? requests : requests[..half], connections: 16, PacedFor, count, Pace);
            var result = await load.RunAsync(stack.GatewayPort, half == 0 ? requests : requests[half..], connections: 16, PacedFor + TimeSpan.FromSeconds(5), count, Pace);
            table.AddRow(
                what,
                Figure.Text(result.PerSecond, "0.0"),
                Figure.Text(result.P50.TotalMilliseconds, "0.0"),
                Figure.Text(result.P99.TotalMilliseconds, "0.0"),
                Figure.Text(result.Bad));
        }
    }

    private static byte[][] Activations(BenchmarkTenant tenant, IReadOnlyList<string> licenseKeys) =>
        [.. Enumerable.Range(0, (int)(Pace * PacedFor.TotalSeconds) * 2).Select(number => Activation(tenant, licenseKeys[number % licenseKeys.Count]))];

    private static byte[] Activation(BenchmarkTenant tenant, string licenseKey) =>
        PreparedRequest.Post("/v1/integration/activations", tenant.ApiKey, $$"""{"license_key":"{{licenseKey}}","instance_id":"{{Guid.NewGuid()}}","device_fingerprint":"workstation"}""");

    private static string Batch(string licenseKey)
    {
        var text = new StringBuilder("""{"events":[""");
        for (var i = 0; i < EventsInBatch; i++)
        {
            text.Append(i == 0 ? "" : ",").Append($$$"""{"license_key":"{{{licenseKey}}}","metric":"api.calls","quantity":1,"idempotency_key":"{{{Guid.NewGuid()}}}","metadata":{"job":"nightly"}}""");
        }

        return text.Append("]}").ToString();
    }

    private static async Task<Process> ProcessAsync(BenchmarkStack stack, string resource) =>
        Process.GetProcessById(await stack.ProcessIdAsync(resource) ?? throw new InvalidOperationException($"'{resource}' has no process here."));

    private static TimeSpan Used(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }
}
