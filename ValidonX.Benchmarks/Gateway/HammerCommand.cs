using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Spectre.Console;
using ValidonX.Benchmarks.Load;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>
/// <c>hammer</c>: what callers of warm validates feel while somebody without a credential hammers what needs none, as fast as his connections allow:
/// loads without and with him, in turn. A network has a quota of sign-ins by the minute: each round that hammers the login waits for one that is not used yet.
/// </summary>
internal static class HammerCommand
{
    private const int Crowd = 500;
    private const int LoginClients = 50;

    // As many as the licensing API lets wait for a hash, so that it never stops hashing.
    private const int PatientClients = 16;
    private const int Invented = 20_000;
    private const int WarmUps = 8;
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Rounds of one load without and one with each hammer.", DefaultValueFactory = _ => 3 };
        var seconds = new Option<double>("--seconds") { Description = "Length of one load.", DefaultValueFactory = _ => 4 };
        var connections = new Option<int>("--connections") { Description = "Connections of the warm validates.", DefaultValueFactory = _ => 64 };
        var only = new Option<string>("--only") { Description = "Only the hammers whose name holds this.", DefaultValueFactory = _ => "" };
        var everywhere = new Option<bool>("--everywhere") { Description = "Takes away the limit of each network, as if the login were hammered from everywhere." };
        var command = new Command("hammer", "Warm validates beside 500 connections against health, plans and unknown keys, and 50 against the login.") { rounds, seconds, connections, only, everywhere };
        command.SetAction(parsed => RunAsync(
            parsed.GetValue(rounds),
            TimeSpan.FromSeconds(parsed.GetValue(seconds)),
            parsed.GetValue(connections),
            Hammers(parsed.GetValue(everywhere)).Where(hammer => hammer.Name.Contains(parsed.GetValue(only)!, StringComparison.Ordinal)),
            parsed.GetValue(everywhere)));
        return command;
    }

    private static async Task RunAsync(int rounds, TimeSpan duration, int connections, IEnumerable<Hammer> hammers, bool everywhere)
    {
        if (everywhere)
        {
            // The gateway inherits it.
            Environment.SetEnvironmentVariable("Gateway__SignIn__PerNetwork", "1000000");
        }

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
        foreach (var (name, requests, crowd, isByTheMinute) in hammers)
        {
            var (without, with, p99Without, p99With, answers) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                if (isByTheMinute)
                {
                    await NextMinuteAsync(duration);
                }

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
                // Each for itself, since what a quota lets through is not the same in every round.
                AnsiConsole.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round + 1}: {alone.PerSecond:0} and {beside.PerSecond:0} validates/s, P99 {alone.P99.TotalMilliseconds:0.0} and {beside.P99.TotalMilliseconds:0.0} ms"));
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

    private static IEnumerable<Hammer> Hammers(bool everywhere)
    {
        yield return new("/health", [Text("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")], Crowd);
        yield return new("/v1/plans", [Text("GET /v1/plans HTTP/1.1\r\nHost: localhost\r\n\r\n")], Crowd);
        yield return new(
            "unknown API keys",
            [.. Enumerable.Range(0, Invented).Select(_ => PreparedRequest.Validate("vx_" + RandomNumberGenerator.GetHexString(64, lowercase: true), "ABCD-EFGH"))],
            Crowd);
        yield return new(
            everywhere ? "/auth/login, random e-mails from everywhere" : "/auth/login, random e-mails",
            [.. Enumerable.Range(0, Invented).Select(_ => Login())],
            everywhere ? PatientClients : LoginClients,
            IsByTheMinute: !everywhere);
    }

    /// <summary>Waits until the minute ends soon enough for the hammer to begin in the next one, after a load of this length.</summary>
    private static async Task NextMinuteAsync(TimeSpan before)
    {
        var now = DateTimeOffset.UtcNow;
        var start = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero) + TimeSpan.FromMinutes(1) - before;
        var wait = start - now;
        await Task.Delay(wait > TimeSpan.Zero ? wait : wait + TimeSpan.FromMinutes(1));
    }

    private static byte[] Login()
    {
        var body = $$"""{"email":"{{RandomNumberGenerator.GetHexString(16, lowercase: true)}}@example.com","password":"a wrong password"}""";
        return Text($"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    private static byte[] Text(string request) => Encoding.ASCII.GetBytes(request);

    private sealed record Hammer(string Name, IReadOnlyList<byte[]> Requests, int Connections, bool IsByTheMinute = false);
}
