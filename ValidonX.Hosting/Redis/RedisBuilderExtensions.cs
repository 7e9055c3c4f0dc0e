using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ValidonX.Hosting.Data;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.Redis;

/// <summary>Adds Redis servers to the app model; the names and signatures are those of Aspire.Hosting.Redis.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>Adds a server that is found on this machine or obtained.</summary>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="port">The port; null for any free one.</param>
    /// <param name="password">The password that clients need; generated and kept when null.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var secret = password ?? builder.AddGeneratedSecret($"{name}-password");
        var start = new RedisStart(DataFolder.Of(builder));
        return builder.AddResource(new RedisResource(name, secret.Resource))
            .WithEndpoint(port: port, scheme: "tcp", name: RedisResource.PrimaryEndpointName, isProxied: false)
            .WithIconName("DatabaseLightning")
            .RunsServer((catalog, tell, cancellation) => catalog.RedisAsync(tell, cancellation), (server, _, tell, cancellation) => start.PrepareAsync(server, tell, cancellation))
            .WithConnectionCheck(RedisCheck.AskAsync);
    }

    /// <summary>Names the folder of the server's data, and has them written to disk; whether they outlive the run is the data folder's matter.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The name of the folder; the resource's when null.</param>
    /// <param name="isReadOnly">Not possible here.</param>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithServerData(name, isReadOnly).WithPersistence();

    /// <summary>Has the server write its data to disk: every change within a second, and snapshots.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="interval">How often a snapshot is written when enough keys changed; a minute when null.</param>
    /// <param name="keysChangedThreshold">How many keys are enough.</param>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(
            new RedisPersistence(interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold), ResourceAnnotationMutationBehavior.Replace);
    }
}
