using System.Diagnostics;
using ValidonX.ServiceDefaults.Startup;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi;

/// <summary>A licensing API in a process of its own, which can be killed.</summary>
internal sealed class ApiProcess : IAsyncDisposable
{
    /// <summary>The first argument of this assembly's program that makes it a licensing API.</summary>
    public const string Command = "licensing-api";

    private readonly Process _process;

    private ApiProcess(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
    }

    public HttpClient Client { get; }

    /// <summary>What the process runs.</summary>
    public static Task<int> RunAsync(string[] args) => ServiceProcess.RunAsync(() => ValidonX.LicensingApi.Program.Build(args));

    /// <summary>Starts one that reaches Redis over the line, and waits until it is ready.</summary>
    public static Task<ApiProcess> StartAsync(LicensingPlatform platform, TcpLine redis) => StartAsync(platform, redis.Address, new Dictionary<string, string?>());

    /// <summary>Starts one that is configured further, and waits until it is ready.</summary>
    public static async Task<ApiProcess> StartAsync(LicensingPlatform platform, string redis, IReadOnlyDictionary<string, string?> more)
    {
        var address = new Uri($"http://127.0.0.1:{FreePorts.Next()}");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { typeof(ApiProcess).Assembly.Location, Command },
            Environment = { ["DOTNET_TieredPGO"] = "0" },
        };
        foreach (var (key, value) in LicensingApiUnderTest.Settings(platform, address.OriginalString, redis).Concat(more))
        {
            start.ArgumentList.Add($"--{key}={value}");
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var api = new ApiProcess(process, address);
        AppDomain.CurrentDomain.ProcessExit += api.KillAtExit;
        await Until.TrueAsync(api.IsReadyAsync, "the licensing API's process is ready");
        return api;
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        Client.Dispose();
        await KillAsync();
        _process.Dispose();
    }

    private void KillAtExit(object? sender, EventArgs e) => _process.Kill();

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            return (await Client.GetAsync("/health")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
