using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace ValidonX.Platform.Rollups;

/// <summary>Registers what counts and what reads roll-ups.</summary>
public static class RollupRegistration
{
    /// <summary>Adds it; needs Redis and the platform database.</summary>
    public static IHostApplicationBuilder AddRollups(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<RollupOptions>().BindConfiguration(RollupOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<Tallies>();
        services.AddSingleton<RollupWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<RollupWriter>());
        services.AddSingleton<UseHistory>();
        services.AddSingleton<RecentUse>();
        services.AddSingleton<HourRollups>();
        return builder;
    }
}
