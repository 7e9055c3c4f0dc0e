using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using ValidonX.ServiceDefaults;

namespace ValidonX.Tests.ServiceDefaults.Telemetry;

/// <summary>
/// A service that is nothing but its defaults: answers one request, logs, stops, and writes how many milliseconds stopping took. In a process of its
/// own, because whoever listens to the framework's spans listens to those of the whole process.
/// </summary>
internal static class StoppingHost
{
    /// <summary>The first argument of this assembly's program that makes it one.</summary>
    public const string Command = "stopping-host";

    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.MapGet("/", () => "");
        await app.StartAsync();
        // Without a trace of its own: the request is to begin one.
        using (var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null })) await client.GetStringAsync(new Uri(app.Urls.Single()));
        app.Logger.LogWarning("A last line.");

        var stopping = Stopwatch.StartNew();
        await app.StopAsync();
        await app.DisposeAsync();
        await Console.Out.WriteLineAsync(stopping.ElapsedMilliseconds.ToString(CultureInfo.InvariantCulture));
        return 0;
    }
}
