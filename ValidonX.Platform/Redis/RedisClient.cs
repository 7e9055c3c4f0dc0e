using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using ValidonX.ServiceDefaults.Startup;

namespace ValidonX.Platform.Redis;

/// <summary>The process's one connection to Redis.</summary>
internal static class RedisClient
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
        // Aspire's own check says Unhealthy; a service without Redis is degraded, see RedisHealthCheck.
        builder.AddRedisClient(
            ConnectionName,
            settings =>
            {
                settings.DisableHealthChecks = true;
                settings.DisableTracing = true;
            },
            Configure);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IWakeup, RedisWakeup>();
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis", HealthStatus.Degraded);
        return builder;
    }

    /// <summary>The channel of exactly this name, no pattern.</summary>
    public static RedisChannel Channel(string name) => RedisChannel.Literal(name);

    /// <summary>
    /// Connects with the platform's settings. Returns also when the server cannot be reached: the client goes on
    /// trying, and commands fail at once until it succeeds.
    /// </summary>
    public static ConnectionMultiplexer Connect(string connectionString)
    {
        var options = ConfigurationOptions.Parse(connectionString, ignoreUnknown: true);
        Configure(options);
        return ConnectionMultiplexer.Connect(options);
    }

    private static void Configure(ConfigurationOptions options)
    {
        // A command that cannot be sent fails now: whoever asks has a fallback, and a queued command would outlive its meaning.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = ConnectTimeoutMilliseconds;
        options.SyncTimeout = ConnectionLostAfterMilliseconds;
        options.AsyncTimeout = ConnectionLostAfterMilliseconds;
        options.KeepAlive = KeepAliveSeconds;
        options.ReconnectRetryPolicy = new LinearRetry(ReconnectEveryMilliseconds);
        options.ClientName ??= $"{AppDomain.CurrentDomain.FriendlyName}-{Environment.ProcessId}";
    }
}
