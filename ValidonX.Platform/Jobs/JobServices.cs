using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Rollups;

namespace ValidonX.Platform.Jobs;

/// <summary>Registers what a service needs to work on jobs. Enqueuing needs none of it.</summary>
public static class JobServices
{
    /// <summary>
    /// <see cref="JobWorkers"/>, which the service runs when it is ready to, and their options. The service registers an
    /// <see cref="IJobHandler"/> for each kind.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="section">Where <see cref="JobOptions"/> are configured.</param>
    public static IHostApplicationBuilder AddJobWorkers(this IHostApplicationBuilder builder, string section)
    {
        builder.AddPlatformRedis();
        var services = builder.Services;
        services.AddMetrics();
        services.AddOptions<JobOptions>().BindConfiguration(section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<JobMetrics>();
        services.TryAddSingleton<Tallies>();
        services.TryAddSingleton(Random.Shared);
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<JobOptions>>().Value;
            return new JobBackoff(options.FirstPause, options.LongestPause, provider.GetRequiredService<Random>());
        });
        services.AddSingleton<JobRunner>();
        services.AddSingleton<JobWorkers>();
        return builder;
    }
}
