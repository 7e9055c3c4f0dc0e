using System.Diagnostics;
using Yarp.ReverseProxy.Configuration;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>What the gateway is measured against: YARP with the same route and nothing else.</summary>
internal static class BareProxy
{
    /// <summary>Serves until the process ends.</summary>
    public static Task ServeAsync(int port, string upstream)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenLocalhost(port);
        });
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "integration", ClusterId = "upstream", Match = new RouteMatch { Path = "/v1/integration/{**rest}" } }],
            [new ClusterConfig { ClusterId = "upstream", Destinations = new Dictionary<string, DestinationConfig> { ["only"] = new() { Address = upstream } } }]);
        var app = builder.Build();
        app.MapReverseProxy();
        return app.RunAsync();
    }

    /// <summary>Gives it the gateway's settings of the runtime, which any proxy could have.</summary>
    public static ProcessStartInfo WithGatewaySettings(ProcessStartInfo start)
    {
        start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        start.Environment["DOTNET_GCDynamicAdaptationMode"] = "0";
        return start;
    }
}
