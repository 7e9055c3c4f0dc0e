using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.AppHost;

/// <summary>What a person at a terminal sees of the AppHost, tried with the real one.</summary>
public sealed partial class AppHostProcessTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("validonx-apphost-").FullName;

    [GeneratedRegex(@"^curl .* -H 'X-API-Key: (?<key>\S+)' (?<url>\S+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ValidateLine { get; }

    public async ValueTask DisposeAsync()
    {
        await Until.TrueAsync(() => AppHostProcess.ProcessesOf(_folder).Count == 0, "nothing uses the data folder any more");
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_start_ends_with_what_to_try_and_a_request_to_end_ends_everything_in_order()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends signals.");
        using var host = AppHostProcess.Run(_folder, ("Parameters__mysql_password", "only-the-host-knows"));
        await ServersRunAsync(host);
        await Until.TrueAsync(
            () => host.Output.Contains("/entitlements/check", StringComparison.Ordinal), () => $"the welcome is there: {host.Describe()}", Until.StartPatience);

        var output = host.Output;
        var welcome = output[output.IndexOf("ValidonX is up.", StringComparison.Ordinal)..];
        Assert.Matches(@"Dashboard +http://localhost:\d+/login\?t=\w+", welcome);
        Assert.Equal(3, welcome.Split("\ncurl ").Length - 1);
        Assert.DoesNotContain("info:", welcome, StringComparison.Ordinal);
        Assert.DoesNotContain("warn:", welcome, StringComparison.Ordinal);
        var line = ValidateLine.Match(welcome);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, line.Groups["url"].Value) { Headers = { { "X-API-Key", line.Groups["key"].Value } } };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        // The host's own parameters reach no service but as what it was given of them.
        var gateway = AppHostProcess.ProcessesOf(_folder).Single(id => AppHostProcess.Text(id, "cmdline").Contains("ValidonX.Gateway\0", StringComparison.Ordinal));
        Assert.DoesNotContain("only-the-host-knows", AppHostProcess.Text(gateway, "environ"), StringComparison.Ordinal);

        await Signals.SendAsync(host.Id, "TERM");
        await host.ExitAsync();
        await Until.TrueAsync(() => AppHostProcess.ProcessesOf(_folder).Count == 0, "everything has ended");

        // A database server that was shut down has removed it; one that was killed has not.
        Assert.Empty(Directory.EnumerateFiles(_folder, "mysqld.pid", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_second_stack_on_the_same_data_is_refused_in_a_sentence_and_kill_minus_nine_of_the_first_leaves_no_process()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks into /proc.");
        using var host = AppHostProcess.Start(_folder, ("Stack__Demo", "false"));
        await ServersRunAsync(host);
        using var second = AppHostProcess.Run(_folder);

        Assert.Equal(1, await second.ExitAsync());
        await Until.TrueAsync(() => second.Output.Contains("stop it first", StringComparison.Ordinal), () => $"the second stack says why: {second.Output}");
        Assert.Equal(
            $"Another stack (process {host.Id}) already runs on the data in {_folder}: stop it first, or give this one a folder of its own with VALIDONX_DATA=/path.",
            second.Output.Trim().Split('\n')[^1]);

        host.Kill();
        await host.ExitAsync();
        await Until.TrueAsync(() => AppHostProcess.ProcessesOf(_folder).Count == 0, "all servers and services are gone");
    }

    [Fact]
    public async Task Kill_minus_nine_of_dotnet_run_leaves_no_process()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks into /proc.");
        using var run = AppHostProcess.Run(_folder, ("Stack__Demo", "false"));
        await ServersRunAsync(run);

        run.Kill();
        await run.ExitAsync();
        await Until.TrueAsync(() => AppHostProcess.ProcessesOf(_folder).Count == 0, "the AppHost, all servers and services are gone");
        Assert.Empty(Directory.EnumerateFiles(_folder, "mysqld.pid", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_taken_port_ends_the_start_with_one_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var host = AppHostProcess.Start(_folder, ("Stack__GatewayPort", $"{port}"), ("DOTNET_ENVIRONMENT", "Development"));

        Assert.Equal(1, await host.ExitAsync());
        await Until.TrueAsync(() => host.Output.Contains("is taken", StringComparison.Ordinal), () => $"the stack says why: {host.Output}");
        Assert.StartsWith($"Port {port}, which 'gateway' needs, is taken by another process", host.Output.Trim().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_start_is_named_on_the_console_and_a_start_that_is_broken_off_is_no_failure()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sends signals.");
        using var host = AppHostProcess.Start(_folder, ("VALIDONX_MYSQLD", "/nowhere/mysqld"), ("DOTNET_ENVIRONMENT", "Development"));
        await Until.TrueAsync(
            () => host.Output.Contains("mysql cannot start: VALIDONX_MYSQLD names /nowhere/mysqld, which does not exist.", StringComparison.Ordinal),
            () => $"the console says why: {host.Output}");

        await Signals.SendAsync(host.Id, "TERM");
        Assert.Equal(0, await host.ExitAsync());
        // Aspire may say of a part of its own that it was disposed while it started.
        Assert.False(host.Output.Contains("Unhandled exception", StringComparison.Ordinal) || host.Output.Contains("   at ValidonX.", StringComparison.Ordinal), host.Output);
    }

    [Fact]
    public async Task Outside_development_every_missing_secret_is_named_at_once()
    {
        using var host = AppHostProcess.Start(_folder, ("DOTNET_ENVIRONMENT", "Production"));

        Assert.Equal(1, await host.ExitAsync());
        await Until.TrueAsync(() => host.Output.Contains("missing", StringComparison.Ordinal), () => $"the stack says why: {host.Output}");
        var said = host.Output.Trim().Split('\n')[^1];
        Assert.StartsWith("9 parameters are missing", said, StringComparison.Ordinal);
        Assert.Contains("Parameters__api_key_pepper", said, StringComparison.Ordinal);
        Assert.Contains("Parameters__operator_password", said, StringComparison.Ordinal);
    }

    private static async Task ServersRunAsync(AppHostProcess host) => await Until.TrueAsync(
        () => File.Exists(Path.Combine(host.DataFolder, "data", "redis", "redis", "redis.pid"))
            && Directory.EnumerateFiles(host.DataFolder, "mysqld.pid", SearchOption.AllDirectories).Any(),
        () => $"the servers run: {host.Describe()}",
        Until.StartPatience);
}
