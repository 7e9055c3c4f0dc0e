using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ValidonX.RateLimiting;

/// <summary>Registers leased rate limits.</summary>
public static class LeasedRateLimitServices
{
    /// <summary>
    /// Adds <see cref="LeaseEngine"/>, the service that leases for it while the host runs, and the health check <c>rate-limits</c>, degraded at worst. Needs an
    /// <c>IConnectionMultiplexer</c> that connects with <c>AbortOnConnectFail=false</c>; takes an <see cref="IMonthlyCounterStore"/> when one is registered.
    /// </summary>
    public static IServiceCollection AddLeasedRateLimits(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LeasingOptions>().Bind(configuration.GetSection(LeasingOptions.Section)).ValidateOnStart();
        services.PostConfigure<LeasingOptions>(options =>
        {
            if (options.ReplicaId.Length == 0) options.ReplicaId = LeasingOptions.NameOf(Environment.MachineName);
        });
        services.AddSingleton<IValidateOptions<LeasingOptions>, LeasingOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<LeasingOptions>>().Value);
        services.AddSingleton<ServerClock>();
        services.AddSingleton<ReplicaState>();
        services.AddSingleton<PartitionRegistry>();
        services.AddSingleton<RateLimitMetrics>();
        services.TryAddSingleton<ILeaseTransport, RedisLeaseTransport>();
        services.TryAddSingleton<IMonthlyCounterStore, NoMonthlyCounterStore>();
        services.AddSingleton<MonthlyCounters>();
        services.AddSingleton<LeaseLink>();
        services.AddSingleton<LeaseFlights>();
        services.AddSingleton<Membership>();
        services.AddSingleton<LeaseUpkeep>();
        services.AddSingleton(static provider => new LeaseEngine(
            provider.GetRequiredService<LeaseLink>(),
            provider.GetRequiredService<LeaseFlights>(),
            provider.GetRequiredService<ReplicaState>(),
            provider.GetRequiredService<PartitionRegistry>(),
            provider.GetRequiredService<RateLimitMetrics>()));
        services.AddSingleton<IRateLimiterHealth, RateLimiterHealth>();
        services.AddHostedService<LeasingService>();
        services.AddHealthChecks().AddCheck<RateLimitHealthCheck>(RateLimitHealthCheck.Name, HealthStatus.Degraded);
        return services;
    }
}
