using System.CommandLine;
using Spectre.Console;
using ValidonX.Benchmarks.Load;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Gateway;

/// <summary><c>sign-in-flood</c>: what callers of warm validates feel while strangers try passwords of random accounts as fast as they are answered.</summary>
internal static class SignInFloodCommand
{
    private const int WarmUps = 6;
    private const int Accounts = 10_000;
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var connections = new Option<int>("--connections") { Description = "Connections that validate.", DefaultValueFactory = _ => 16 };
        var strangers = new Option<int>("--strangers") { Description = "Connections that try passwords.", DefaultValueFactory = _ => 50 };
        var rounds = new Option<int>("--rounds") { Description = "How often both are measured, in turn.", DefaultValueFactory = _ => 5 };
        var command = new Command("sign-in-flood", "Warm validates with and without a flood of sign-ins.") { connections, strangers, rounds };
        command.SetAction(parsed => RunAsync(parsed.GetValue(connections), parsed.GetValue(strangers), parsed.GetValue(rounds)));
        return command;
    }

    private static async Task RunAsync(int connections, int strangers, int rounds)
    {
        using var load = LoadProcess.Start(ChildProcesses.Self);
        using var flood = LoadProcess.Start(ChildProcesses.Self);
        await using var stack = await BenchmarkStack.StartAsync();
        var tenant = (await stack.CreateTenantsAsync(1, licenses: 1))[0];
        var validate = new Contender("warm validates", stack.GatewayPort, [PreparedRequest.Validate(tenant.ApiKey, tenant.LicenseKeys[0])]);
        byte[][] tries = [.. Enumerable.Range(0, Accounts).Select(_ => PreparedRequest.SignIn($"{Guid.NewGuid():N}@flood.example"))];
        for (var i = 0; i < WarmUps; i++)
        {
            await validate.LoadAsync(load, connections, Load);
        }

        var table = new Table().Title($"{connections} connections validate, {strangers} try passwords")
            .AddColumns("round", "P99 ms alone", "P99 ms in the flood", "÷", "validates/s alone", "in the flood", "tries/s");
        for (var round = 1; round <= rounds; round++)
        {
            var alone = await validate.LoadAsync(load, connections, Load);
            var flooding = flood.RunAsync(stack.GatewayPort, tries, strangers, Load);
            var flooded = await validate.LoadAsync(load, connections, Load);
            var tried = await flooding;
            table.AddRow(
                Figure.Text(round),
                Figure.Text(alone.P99.TotalMilliseconds, "0.00"),
                Figure.Text(flooded.P99.TotalMilliseconds, "0.00"),
                Figure.Text(flooded.P99 / alone.P99, "0.00"),
                Figure.Text(alone.PerSecond, "0"),
                Figure.Text(flooded.PerSecond, "0"),
                Figure.Text((tried.Good + tried.Bad) / Load.TotalSeconds, "0"));
        }

        AnsiConsole.Write(table);
    }
}
