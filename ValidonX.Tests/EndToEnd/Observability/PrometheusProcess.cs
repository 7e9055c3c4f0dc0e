using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ValidonX.Hosting.Servers;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.EndToEnd.Observability;

/// <summary>A Prometheus with the rules of <c>deploy/observability</c>, that is fed what the tests' collector was sent.</summary>
internal sealed class PrometheusProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("validonx-prometheus-");
    private readonly int _port = FreePorts.Next();
    private readonly HttpClient _http;
    private Process? _process;

    private PrometheusProcess() => _http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}")) };

    /// <summary>The folder of what ships.</summary>
    public static string Shipped => RepositoryFile.PathOf("deploy/observability");

    /// <summary>Starts one that scrapes an address every second.</summary>
    public static async Task<PrometheusProcess> StartAsync(Uri scraped)
    {
        var started = new PrometheusProcess();
        await started.RunAsync(scraped);
        return started;
    }

    /// <summary>Runs <c>promtool</c>; its exit code and all that it said.</summary>
    public static async Task<(int ExitCode, string Output)> ToolAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Path.GetDirectoryName(await ProgramAsync())!, "promtool"), arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var tool = Process.Start(start)!;
        var (output, errors) = (tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.WaitForExitAsync();
        return (tool.ExitCode, await output + await errors);
    }

    /// <summary>What an expression gives: labels and value of each series.</summary>
    public async Task<IReadOnlyList<(JsonNode Labels, double Value)>> QueryAsync(string expression)
    {
        using var answer = await _http.GetAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(expression)}", UriKind.Relative));
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.True((string?)body["status"] == "success", $"{expression}: {body}");
        return
        [
            .. body["data"]!["result"]!.AsArray().Select(series => (series!["metric"]!, double.Parse((string)series["value"]![1]!, CultureInfo.InvariantCulture))),
        ];
    }

    /// <summary>The names of all metrics it knows.</summary>
    public async Task<IReadOnlySet<string>> NamesAsync() =>
        (await _http.GetFromJsonAsync<JsonNode>(new Uri("/api/v1/label/__name__/values", UriKind.Relative)))!["data"]!.AsArray().Select(name => (string)name!).ToHashSet(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process is not null)
        {
            AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static async Task<string> ProgramAsync()
    {
        if (SearchPath.Find("prometheus") is { } installed)
        {
            return installed;
        }

        Assert.SkipUnless(DebianPackages.AreHere, "There is no Prometheus on this machine, and no package of it.");
        var packages = new DebianPackages(Path.Combine(ServerPrograms.Shared, "servers"), Console.Error.WriteLineAsync);
        return (await packages.ObtainAsync("prometheus", "usr/bin/prometheus", CancellationToken.None)).Path;
    }

    private async Task RunAsync(Uri scraped)
    {
        var program = await ProgramAsync();
        var configuration = Path.Combine(_folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: ["{{Path.Combine(Shipped, "rules", "validonx.yml")}}"]
            scrape_configs:
              - job_name: collector
                honor_labels: true
                metrics_path: {{scraped.AbsolutePath}}
                static_configs: [{ targets: ["{{scraped.Authority}}"] }]
            """);
        var start = new ProcessStartInfo(
            program,
            [
                $"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(_folder.FullName, "data")}", "--log.level=warn",
                string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{_port}"),
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
        var said = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        _process.OutputDataReceived += (_, line) => said.Enqueue(line.Data);
        _process.ErrorDataReceived += (_, line) => said.Enqueue(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Until.TrueAsync(
            async () =>
            {
                Assert.False(_process.HasExited, $"Prometheus has ended: {string.Join('\n', said)}");
                try
                {
                    using var answer = await _http.GetAsync(new Uri("/-/ready", UriKind.Relative));
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            () => $"Prometheus is ready: {string.Join('\n', said)}",
            Until.StartPatience);
    }

    private void KillAtExit(object? sender, EventArgs e) => _process?.Kill();
}
