using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd;

/// <summary>Where all stacks of the suite send their telemetry, so that what all tests cause can be looked through when they have ended.</summary>
internal static class SuiteTelemetry
{
    private static readonly Lazy<Task<Collector>> Started = new(StartAsync);

    /// <summary>The collector.</summary>
    public static Collector Collector => Started.Value.Result;

    /// <summary>Arguments of the AppHost that make its services send there.</summary>
    public static IEnumerable<string> Arguments => Collector.Settings.Select(setting => $"--{setting.Key}={setting.Value}");

    /// <summary>Ends it, when no stack runs any more: nothing that was sent may hold a secret.</summary>
    public static async Task EndAsync()
    {
        await using var collector = Collector;
        Assert.NotEmpty(collector.Spans);
        Assert.NotEmpty(collector.Logs);
        Assert.NotEmpty(collector.Metrics);
        SecretScan.AssertNone(collector.Bodies);
    }

    private static Task<Collector> StartAsync()
    {
        // Services inherit it. Tests that send hundreds of requests a second would otherwise keep the spans of others from being chosen.
        Environment.SetEnvironmentVariable("Telemetry__TracesPerSecond", "1000000");
        return Collector.StartAsync();
    }
}
