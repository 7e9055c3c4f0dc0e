using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ValidonX.Coherence;

/// <summary>Registers coherent caching.</summary>
public static class CoherenceServices
{
    /// <summary>
    /// <see cref="ICoherence"/> for writers; <see cref="CoherentCaches"/> for readers; the replica that keeps the lease while the
    /// host runs; the health check <c>coherence</c>, degraded at worst. Needs an <c>IConnectionMultiplexer</c> that connects with <c>AbortOnConnectFail=false</c>, and
    /// an <see cref="ICutOffRegister"/>. Calling it more than once is harmless.
    /// </summary>
    public static IHostApplicationBuilder AddCoherence(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(ICoherence)))
        {
            return builder;
        }

        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<CoherenceOptions>().BindConfiguration(CoherenceOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CoherenceOptions>, Validator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<CoherenceOptions>>().Value);
        services.AddSingleton<CoherenceMetrics>();
        services.AddSingleton(static provider => new CoherentCaches(
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<CoherenceMetrics>(),
            provider.GetRequiredService<CoherenceOptions>()));
        services.TryAddSingleton<ICoherenceBus, RedisCoherenceBus>();
        services.AddSingleton<CutOffNotice>();
        services.AddSingleton<InvalidationPublisher>();
        services.AddSingleton<ICoherence>(provider => provider.GetRequiredService<InvalidationPublisher>());
        services.AddHostedService<Replica>();
        services.AddHealthChecks().AddCheck<CoherenceHealthCheck>("coherence", HealthStatus.Degraded);
        return builder;
    }

    private sealed class Validator : IValidateOptions<CoherenceOptions>
    {
        public ValidateOptionsResult Validate(string? name, CoherenceOptions options) =>
            options.Problems().ToList() is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }
}
