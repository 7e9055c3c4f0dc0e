using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.ServiceDefaults.Telemetry;

/// <summary>A stack stops everything at once: a service neither waits for a collector that has gone nor forgets what it has not sent yet.</summary>
public sealed class StoppingTests
{
    /// <summary>One second for all signals, and what a busy machine takes beside it; the SDK by itself takes ten to fifteen.</summary>
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task A_stopping_service_does_not_wait_for_a_collector_that_does_not_answer()
    {
        // It accepts connections and says nothing.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        Assert.InRange(await StopAsync($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}"), TimeSpan.Zero, Enough);
    }

    [Fact]
    public async Task What_was_not_sent_yet_is_sent_at_the_end()
    {
        await using var collector = await Collector.StartAsync();

        // As long as a busy machine may need: how long it tries by itself is the other test's matter.
        await StopAsync(collector.Endpoint, "--Telemetry:StopPatience=00:00:30");

        Assert.Contains(collector.Spans, span => span.Name == "GET /");
        Assert.Contains(collector.Logs, log => log.Body == "A last line.");
        Assert.Contains(collector.Metrics, series => series.Metric == "http.server.request.duration");
    }

    private static async Task<TimeSpan> StopAsync(string endpoint, params string[] settings)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [
                typeof(StoppingHost).Assembly.Location, StoppingHost.Command, "--urls=http://127.0.0.1:0", "--environment=Development",
                $"--OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", .. settings,
            ])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var last = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        Assert.True(int.TryParse(last, CultureInfo.InvariantCulture, out var milliseconds), $"The service did not say how long it took to stop: {output}");
        return TimeSpan.FromMilliseconds(milliseconds);
    }
}
