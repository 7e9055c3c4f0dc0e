using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Spectre.Console;
using ValidonX.Benchmarks.Load;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>
/// <c>hammer</c>: what callers of warm validates feel while somebody without a credential hammers what needs none, as fast as his connections allow:
/// loads without and with him, in turn.
/// </summary>
internal static class HammerCommand
{
    private const int Crowd = 500;
    private const int LoginClients = 50;
    private const int Invented = 20_000;
    private const int WarmUps = 8;
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Rounds of one load without and one with each hammer.", DefaultValueFactory = _ => 3 };
        var seconds = new Option<double>("--seconds") { Description = "Length of one load.", DefaultValueFactory = _ => 4 };
        var connections = new Option<int>("--connections") { Description = "Connections of the warm validates.", DefaultValueFactory = _ => 64 };
        var command = new Command("hammer", "Warm validates beside 500 connections against health, plans and unknown keys, and 50 against the login.") { rounds, seconds, connections };
        command.SetAction(parsed => RunAsync(parsed.GetValue(rounds), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(connections)));
        return command;
    }

    private static async Task RunAsync(int rounds, TimeSpan duration, int connections)
    {
        using var load = LoadProcess.Start(ChildProcesses.Self);
        using var hammer = LoadProcess.Start(ChildProcesses.Self);
        await using var stack = await BenchmarkStack.StartAsync();
        var tenant = (await stack.CreateTenantsAsync(1, licenses: 1))[0];
        var validate = new Contender("validate", stack.GatewayPort, [PreparedRequest.Validate(tenant.ApiKey, tenant.LicenseKeys[0])]);
        for (var i = 0; i < WarmUps; i++)
        {
            await validate.LoadAsync(load, connections, duration);
        }

        var table = new Table().Title($"Warm validates beside a hammer, {rounds} rounds of {duration.TotalSeconds:0} s, {connections} connections")
            .AddColumns("hammer", "its connections", "its answers/s", "validates/s without", "with", "P99 ms without", "with", "P99 with ÷ without");
        foreach (var (name, requests, crowd) in Hammers())
        {
            var (without, with, p99Without, p99With, answers) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                var alone = await validate.LoadAsync(load, connections, duration);
                var hammering = hammer.RunAsync(stack.GatewayPort, requests, crowd, duration + (2 * Ahead));
                await Task.Delay(Ahead);
                var beside = await validate.LoadAsync(load, connections, duration);
                var hammered = await hammering;
                without.Add(alone.PerSecond);
                with.Add(beside.PerSecond);
                p99Without.Add(alone.P99.TotalMilliseconds);
                p99With.Add(beside.P99.TotalMilliseconds);
                answers.Add((hammered.Good + hammered.Bad) / (duration + (2 * Ahead)).TotalSeconds);
            }

            table.AddRow(
                name,
                Figure.Text(crowd),
                Figure.Text(Series.MedianOf(answers), "0"),
                Figure.Text(Series.MedianOf(without), "0"),
                Figure.Text(Series.MedianOf(with), "0"),
                Figure.Text(Series.MedianOf(p99Without), "0.00"),
                Figure.Text(Series.MedianOf(p99With), "0.00"),
                Figure.Text(Series.MedianOf(p99With) / Series.MedianOf(p99Without), "0.00"));
        }

        AnsiConsole.Write(table);
    }

    private static IEnumerable<(string Name, IReadOnlyList<byte[]> Requests, int Connections)> Hammers()
    {
        yield return ("/health", [Text("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")], Crowd);
        yield return ("/v1/plans", [Text("GET /v1/plans HTTP/1.1\r\nHost: localhost\r\n\r\n")], Crowd);
        yield return (
            "unknown API keys",
            [.. Enumerable.Range(0, Invented).Select(_ => PreparedRequest.Validate("vx_" + RandomNumberGenerator.GetHexString(64, lowercase: true), "ABCD-EFGH"))],
            Crowd);
        yield return ("/auth/login, random e-mails", [.. Enumerable.Range(0, Invented).Select(_ => Login())], LoginClients);
    }

    private static byte[] Login()
    {
        var body = $$"""{"email":"{{RandomNumberGenerator.GetHexString(16, lowercase: true)}}@example.com","password":"a wrong password"}""";
        return Text($"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    private static byte[] Text(string request) => Encoding.ASCII.GetBytes(request);
}
