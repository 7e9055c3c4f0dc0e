using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using ValidonX.Platform.Databases;
using ValidonX.ServiceDefaults.Startup;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Platform.Redis;

/// <summary>The process's one connection to Redis.</summary>
internal static class RedisClient
{
    /// <summary>Name of the connection string, <c>ConnectionStrings:redis</c>.</summary>
    public const string ConnectionName = "redis";

    /// <summary>Names a file with the CA of a Redis whose certificate is not one of the machine's CAs'.</summary>
    public const string CertificateAuthorityKey = "Redis:CertificateAuthority";

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

        builder.RequireConnectionString(ConnectionName, "localhost:6379", ProblemOf);
        // Aspire's own check says Unhealthy; a service without Redis is degraded, see RedisHealthCheck.
        builder.AddRedisClient(
            ConnectionName,
            settings =>
            {
                settings.DisableHealthChecks = true;
                // Ours ties each command to the request that it is for.
                settings.DisableTracing = true;
            },
            options => Configure(options, builder.Configuration.GetConnectionString(ConnectionName)!, builder.Configuration[CertificateAuthorityKey]));
        builder.AddRedisTracing();
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
    public static ConnectionMultiplexer Connect(string connectionString, string? certificateAuthority = null)
    {
        var options = ConfigurationOptions.Parse(connectionString, ignoreUnknown: true);
        Configure(options, connectionString, certificateAuthority);
        return ConnectionMultiplexer.Connect(options);
    }

    /// <summary>What is wrong with a connection string, in a sentence: beyond this machine Redis is spoken to over TLS only.</summary>
    public static string? ProblemOf(string connectionString)
    {
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(connectionString, ignoreUnknown: true);
        }
        catch (ArgumentException)
        {
            return "it cannot be read.";
        }

        return !options.Ssl && options.EndPoints.FirstOrDefault(static endpoint => !IsLoopback(endpoint)) is { } remote
            ? $"the connection to {remote} leaves this machine and must be encrypted: add ssl=true."
            : null;
    }

    private static void Configure(ConfigurationOptions options, string connectionString, string? certificateAuthority)
    {
        // A command that cannot be sent fails now: whoever asks has a fallback, and a queued command would outlive its meaning.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.AbortOnConnectFail = false;
        options.ReconnectRetryPolicy = new LinearRetry(ReconnectEveryMilliseconds);
        options.ClientName ??= $"{AppDomain.CurrentDomain.FriendlyName}-{Environment.ProcessId}";
        if (!string.IsNullOrEmpty(certificateAuthority)) options.TrustIssuer(certificateAuthority);

        // What the connection string says itself holds.
        var said = connectionString.Split(',').Select(static option => option.Split('=')[0].Trim()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (!said.Contains("connectTimeout")) options.ConnectTimeout = ConnectTimeoutMilliseconds;
        if (!said.Contains("syncTimeout")) options.SyncTimeout = ConnectionLostAfterMilliseconds;
        if (!said.Contains("asyncTimeout")) options.AsyncTimeout = ConnectionLostAfterMilliseconds;
        if (!said.Contains("keepAlive")) options.KeepAlive = KeepAliveSeconds;
    }

    private static bool IsLoopback(EndPoint endpoint) =>
        endpoint switch
        {
            IPEndPoint address => IPAddress.IsLoopback(address.Address),
            DnsEndPoint name => LoopbackAddress.Is(name.Host),
            _ => endpoint.AddressFamily == AddressFamily.Unix,
        };
}
