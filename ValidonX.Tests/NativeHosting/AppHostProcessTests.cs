using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.NativeHosting;

/// <summary>What a person at a terminal sees of the AppHost, tried with the real one.</summary>
public sealed class AppHostProcessTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("validonx-apphost-").FullName;

    public async ValueTask DisposeAsync()
    {
        await Until.TrueAsync(() => AppHostProcess.ProcessesNaming(_folder).Count == 0, "nothing uses the data folder any more");
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Kill_minus_nine_leaves_no_process_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks into /proc.");
        using var host = new AppHostProcess(_folder);
        await ServersRunAsync(host);
        host.Kill();
        await host.ExitAsync();

        await Until.TrueAsync(() => AppHostProcess.ProcessesNaming(_folder).Count == 0, "all servers and their guards are gone");
    }

    [Fact]
    public async Task A_second_stack_on_the_same_data_is_refused_and_the_first_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks into /proc.");
        using var host = new AppHostProcess(_folder);
        await ServersRunAsync(host);
        using var second = new AppHostProcess(_folder);

        Assert.Equal(1, await second.ExitAsync());
        await Until.TrueAsync(() => second.Output.Length > 0, "the second stack said why");
        Assert.Equal(
            $"Another stack (process {host.Id}) already runs on the data in {_folder}: stop it first, or give this one a folder of its own with VALIDONX_DATA=/path.",
            second.Output.Trim());
        Assert.NotEmpty(AppHostProcess.ProcessesNaming(_folder));
    }

    [Fact]
    public async Task A_taken_port_ends_the_start_with_one_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var host = new AppHostProcess(_folder, ("DcpPublisher__RandomizePorts", "false"), ("Stack__GatewayPort", $"{port}"));

        Assert.Equal(1, await host.ExitAsync());
        await Until.TrueAsync(() => host.Output.Length > 0, "the stack said why");
        Assert.StartsWith($"Port {port}, which 'gateway' needs, is taken by another process", host.Output.Trim(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', host.Output.Trim());
    }

    [Fact]
    public async Task A_request_to_end_ends_everything_in_order()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends a signal.");
        using var host = new AppHostProcess(_folder);
        await ServersRunAsync(host);

        using (var process = Process.GetProcessById(host.Id))
            await Signals.SendAsync(process, "TERM");

        Assert.Equal(0, await host.ExitAsync());
        await Until.TrueAsync(() => AppHostProcess.ProcessesNaming(_folder).Count == 0, "all servers and their guards are gone");
    }

    // The guard beside each server carries the server's command line, also where the server changes its own.
    private static async Task ServersRunAsync(AppHostProcess host) => await Until.TrueAsync(
        () => AppHostProcess.ProcessesNaming(Path.Combine(host.DataFolder, "data", "mysql")).Count > 0
            && AppHostProcess.ProcessesNaming(Path.Combine(host.DataFolder, "data", "redis")).Count > 0,
        "the servers run");
}
