using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ValidonX.Gateway.RateLimiting;

internal static class LeasedRateLimitingExtensions
{
    /// <summary>
    /// Adds leased rate limits as the global limiter of the framework's rate-limiting middleware. Needs an
    /// <c>IConnectionMultiplexer</c> that connects with <c>AbortOnConnectFail=false</c>; takes an <see cref="IMonthlyCounterStore"/> when one is
    /// registered. A caller is limited when its request carries <see cref="IRateLimitSubject"/> before <c>UseRateLimiter</c>.
    /// </summary>
    public static IServiceCollection AddLeasedRateLimiting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LeasingOptions>().Bind(configuration.GetSection(LeasingOptions.Section)).ValidateOnStart();
        services.PostConfigure<LeasingOptions>(options =>
        {
            if (options.ReplicaId.Length == 0) options.ReplicaId = DefaultReplicaId(configuration);
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
        services.AddSingleton<LeaseEngine>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<IRateLimiterHealth, RateLimiterHealth>();
        services.AddHostedService<LeasingService>();
        services.AddHealthChecks().AddCheck<RateLimitHealthCheck>(RateLimitHealthCheck.Name, HealthStatus.Degraded);
        services.AddRateLimiter(static _ => { });
        services.AddOptions<RateLimiterOptions>().Configure<LeaseEngine>(static (options, engine) =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.GlobalLimiter = new LeasedRateLimiter(engine);
            options.OnRejected = (rejected, _) =>
            {
                var context = rejected.HttpContext;
                return context.Features.Get<RateLimitOutcome>() is { } outcome
                    ? new ValueTask(RateLimitRefusal.WriteAsync(context, outcome, engine, RequestId(context)))
                    : ValueTask.CompletedTask;
            };
        });
        return services;
    }

    /// <summary>The id the answer already carries, else a new one that it then carries.</summary>
    private static string RequestId(HttpContext context)
    {
        const string header = "X-Request-ID";
        if (context.Response.Headers[header] is [{ Length: > 0 } id]) return id;
        var made = Guid.CreateVersion7().ToString();
        context.Response.Headers[header] = made;
        return made;
    }

    /// <summary>
    /// A replica without a configured name takes the one its host gave it (<c>service.instance.id</c>), else a random one, which a restart
    /// does not keep.
    /// </summary>
    private static string DefaultReplicaId(IConfiguration configuration)
    {
        const string key = "service.instance.id=";
        foreach (var attribute in (configuration["OTEL_RESOURCE_ATTRIBUTES"] ?? "").Split(','))
        {
            if (attribute.Trim() is var trimmed && trimmed.StartsWith(key, StringComparison.Ordinal)) return trimmed[key.Length..];
        }

        return $"gateway-{Guid.NewGuid():N}";
    }
}
