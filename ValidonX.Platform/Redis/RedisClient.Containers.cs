using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace ValidonX.Platform.Redis;

/// <summary>The Redis client of the containers profile: Aspire's integration over the current StackExchange.Redis.</summary>
internal static partial class RedisClient
{
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

    private static void AddClient(IHostApplicationBuilder builder)
    {
        // Aspire's own check says Unhealthy; a service without Redis is degraded, see RedisHealthCheck.
        builder.AddRedisClient(ConnectionName, settings => settings.DisableHealthChecks = true, Configure);
    }

    private static void Configure(ConfigurationOptions options)
    {
        // A command that cannot be sent fails now: whoever asks has a fallback, and a queued command would outlive its meaning.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.AsyncTimeout = ConnectionLostAfterMilliseconds;
        ApplyCommonSettings(options);
    }
}
