using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace ValidonX.Platform.Redis;

/// <summary>The Redis client of the native profile: StackExchange.Redis 1.2.6.</summary>
internal static partial class RedisClient
{
    /// <summary>The channel of exactly this name, no pattern.</summary>
    public static RedisChannel Channel(string name) => new(name, RedisChannel.PatternMode.Literal);

    /// <summary>
    /// Connects with the platform's settings. Returns also when the server cannot be reached: the client goes on
    /// trying, and commands fail at once until it succeeds.
    /// </summary>
    public static ConnectionMultiplexer Connect(string connectionString)
    {
        var multiplexer = ConnectionMultiplexer.Connect(Options(connectionString));
        // Ordered delivery would put every message and every continuation of this process in one queue behind the slowest.
        multiplexer.PreserveAsyncOrder = false;
        return multiplexer;
    }

    private static void AddClient(IHostApplicationBuilder builder) =>
        builder.Services.AddSingleton<IConnectionMultiplexer>(services => Connect(services.GetRequiredService<IConfiguration>().GetConnectionString(ConnectionName)!));

    private static ConfigurationOptions Options(string connectionString)
    {
        // A connection string written for a newer client may name options that this one does not know: none of them changes what we ask of it.
        var options = ConfigurationOptions.Parse(connectionString, ignoreUnknown: true);
        options.ResponseTimeout = ConnectionLostAfterMilliseconds;
        ApplyCommonSettings(options);
        return options;
    }
}
