using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using ValidonX.ServiceDefaults.Startup;

namespace ValidonX.Platform.Redis;

/// <summary>The process's one connection to Redis: what both profiles have in common.</summary>
internal static partial class RedisClient
{
    /// <summary>Name of the connection string, <c>ConnectionStrings:redis</c>.</summary>
    public const string ConnectionName = "redis";

    private const int ConnectTimeoutMilliseconds = 2_000;
    private const int ConnectionLostAfterMilliseconds = 3_000;
    private const int ReconnectEveryMilliseconds = 500;
    private const int KeepAliveSeconds = 5;

    /// <summary>
    /// Registers the one <see cref="IConnectionMultiplexer"/> of the process, <see cref="IWakeup"/> and the health check
    /// <c>redis</c>, which reports <see cref="HealthStatus.Degraded"/> at worst: no service stops working without Redis.
    /// Calling it more than once is harmless.
    /// </summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">At start, when <c>ConnectionStrings:redis</c> is missing.</exception>
    public static IHostApplicationBuilder AddPlatformRedis(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(IWakeup))) return builder;

        builder.RequireConnectionString(ConnectionName, "localhost:6379");
        AddClient(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IWakeup, RedisWakeup>();
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis", HealthStatus.Degraded);
        return builder;
    }

    private static void ApplyCommonSettings(ConfigurationOptions options)
    {
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = ConnectTimeoutMilliseconds;
        options.SyncTimeout = ConnectionLostAfterMilliseconds;
        options.KeepAlive = KeepAliveSeconds;
        options.ReconnectRetryPolicy = new LinearRetry(ReconnectEveryMilliseconds);
        options.ClientName ??= $"{AppDomain.CurrentDomain.FriendlyName}-{Environment.ProcessId}";
    }
}
