using System.Text;
using System.Text.Json;
using ValidonX.Benchmarks.Gateway;
using ValidonX.Benchmarks.Load;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Comparison;

/// <summary>A stack that stands ready to be loaded by another process, with the bare proxies that belong to the same build.</summary>
/// <param name="Contenders">What can be loaded.</param>
/// <param name="GatewayPort">Where the licenses are asked for.</param>
/// <param name="Cold">Requests for licenses that nobody has asked for yet, a tenant each.</param>
internal sealed record StandingStack(IReadOnlyList<StandingContender> Contenders, int GatewayPort, IReadOnlyList<IReadOnlyList<string>> Cold)
{
    /// <summary>Starts one, writes its description to a file, and keeps it until standard input ends.</summary>
    public static async Task ServeAsync(string description, int coldTenants, int coldLicenses)
    {
        using var children = new ChildProcesses();
        var constant = ChildProcesses.FreePort();
        // As the licensing API, which it stands for: a server that spins for work takes the cores from every proxy before it.
        await children.StartAsync(BareProxy.WithGatewaySettings(ChildProcesses.Self("serve", "constant", "--port", Figure.Text(constant))), constant);
        var upstream = $"http://127.0.0.1:{Figure.Text(constant)}";
        var bare = ChildProcesses.FreePort();
        await children.StartSelfAsync(bare, "serve", "proxy", "--port", Figure.Text(bare), "--upstream", upstream);
        var tuned = ChildProcesses.FreePort();
        await children.StartAsync(BareProxy.WithGatewaySettings(ChildProcesses.Self("serve", "proxy", "--port", Figure.Text(tuned), "--upstream", upstream)), tuned);

        await using var stack = await BenchmarkStack.StartAsync($"--Stack:Clusters:constant:only={upstream}");
        var routed = Request((await stack.CreateTenantsAsync(1, licenses: 1, "constant"))[0]).Single();
        var validate = Request((await stack.CreateTenantsAsync(1, licenses: 1))[0]).Single();
        var cold = await stack.CreateTenantsAsync(coldTenants, coldLicenses);
        var standing = new StandingStack(
            [
                new("bare YARP", bare, routed),
                new("bare YARP, the gateway's runtime settings", tuned, routed),
                new("gateway, to the constant endpoint", stack.GatewayPort, routed),
                new("validate, warm", stack.GatewayPort, validate),
            ],
            stack.GatewayPort,
            [.. cold.Select(tenant => Request(tenant).ToArray())]);
        await File.WriteAllTextAsync(description + ".part", JsonSerializer.Serialize(standing));
        File.Move(description + ".part", description);
        await Console.In.ReadToEndAsync();
    }

    private static IEnumerable<string> Request(BenchmarkTenant tenant) =>
        tenant.LicenseKeys.Select(key => Encoding.ASCII.GetString(PreparedRequest.Validate(tenant.ApiKey, key)));
}

/// <summary>One path of a <see cref="StandingStack"/>.</summary>
internal sealed record StandingContender(string Name, int Port, string Request);
