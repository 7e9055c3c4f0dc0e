using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;

namespace ValidonX.Gateway.Clusters;

/// <summary>Registers the pools of licensing APIs.</summary>
internal static class ClusterRegistration
{
    /// <summary>Adds YARP with our clusters, and their reload.</summary>
    public static void AddClusters(this IHostApplicationBuilder builder)
    {
        builder.Services.AddReverseProxy();
        builder.Services.AddOptions<ClusterOptions>().BindConfiguration("Gateway").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ClusterOptions>, Validator>();
        builder.Services.AddSingleton<ClusterConfigurations>();
        builder.Services.AddSingleton<IProxyConfigProvider>(provider => provider.GetRequiredService<ClusterConfigurations>());
        builder.Services.AddSingleton<ClusterSources>();
        builder.Services.AddHostedService<ClusterReload>();
    }

    /// <summary>Starts YARP's cluster management. It maps no route: that is what YARP does it with.</summary>
    public static void MapClusters(this WebApplication app) => app.MapReverseProxy();

    private sealed class Validator : IValidateOptions<ClusterOptions>
    {
        public ValidateOptionsResult Validate(string? name, ClusterOptions options) =>
            options.ReloadInterval >= TimeSpan.FromMilliseconds(100)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail("Gateway:ReloadInterval must be at least 100 ms.");
    }
}
