using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds Redis servers to the app model.</summary>
public static class RedisBuilderExtensions
{
    private const int DefaultPort = 6379;

    /// <summary>Adds a server.</summary>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="port">The port; null for any free one.</param>
    /// <param name="password">The password that clients need; generated and kept when null.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateGeneratedPassword(builder, $"{name}-password");
        var endpoint = new EndpointAnnotation(
            ProtocolType.Tcp, name: RedisResource.PrimaryEndpointName, port: port, targetPort: DefaultPort);
        return builder.AddResource(new RedisResource(name, secret)).WithAnnotation(endpoint);
    }

    /// <summary>Keeps the server's data from run to run, and has it written to disk.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The name of the folder; the resource's when null.</param>
    /// <param name="isReadOnly">Not possible here.</param>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithVolume(name, isReadOnly).WithPersistence();

    /// <summary>Has the server write its data to disk: every change within a second, and snapshots.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="interval">How often a snapshot is written when enough keys changed; a minute when null.</param>
    /// <param name="keysChangedThreshold">How many keys are enough.</param>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(
            new RedisPersistenceAnnotation(interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold), ResourceAnnotationMutationBehavior.Replace);
    }
}
