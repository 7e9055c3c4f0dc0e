using Aspire.Hosting.ApplicationModel;

namespace ValidonX.Hosting.Redis;

/// <summary>A Redis server as a process of this machine.</summary>
public sealed class RedisResource : ExecutableResource, IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";

    /// <param name="name">The resource's name.</param>
    /// <param name="password">The password that clients need.</param>
    public RedisResource(string name, ParameterResource password)
        : base(name, "redis-server", "")
    {
        ArgumentNullException.ThrowIfNull(password);
        PasswordParameter = password;
        PrimaryEndpoint = new(this, PrimaryEndpointName);
    }

    /// <summary>Where the server listens.</summary>
    public EndpointReference PrimaryEndpoint { get; }

    /// <summary>The password that clients need.</summary>
    public ParameterResource PasswordParameter { get; }

    /// <summary><c>host:port,password=…</c>.</summary>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)},password={PasswordParameter}");
}

/// <summary>A Redis server writes its data to disk.</summary>
/// <param name="Interval">How often a snapshot is written when enough keys changed.</param>
/// <param name="KeysChanged">How many keys are enough.</param>
internal sealed record RedisPersistence(TimeSpan Interval, long KeysChanged) : IResourceAnnotation;
