using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.Redis;

/// <summary>Adds Redis servers to the app model; the names and signatures are those of Aspire.Hosting.Redis.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>Adds a server that is found on this machine or obtained.</summary>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="port">The port; null for any free one.</param>
    /// <param name="password">The password that clients need; Aspire's default when null.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        return builder.AddServer(new RedisResource(name, secret), port, "DatabaseLightning");
    }

    /// <summary>Keeps the server's data in a folder, written as <see cref="WithPersistence"/> does. Without it they end with the stack.</summary>
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
        builder.Resource.Persistence = (interval ?? TimeSpan.FromMinutes(1), keysChangedThreshold);
        return builder;
    }
}
