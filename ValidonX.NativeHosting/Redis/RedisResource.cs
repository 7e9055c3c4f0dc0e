namespace Aspire.Hosting.ApplicationModel;

/// <summary>A Redis server.</summary>
public class RedisResource : ContainerResource, IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";

    /// <param name="name">The resource's name.</param>
    public RedisResource(string name)
        : base(name) => PrimaryEndpoint = new(this, PrimaryEndpointName);

    /// <param name="name">The resource's name.</param>
    /// <param name="password">The password that clients need.</param>
    public RedisResource(string name, ParameterResource password)
        : this(name) => PasswordParameter = password;

    /// <summary>Where the server listens.</summary>
    public EndpointReference PrimaryEndpoint { get; }

    /// <summary>The server's host.</summary>
    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    /// <summary>The server's port.</summary>
    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    /// <summary>The password that clients need; null for none.</summary>
    public ParameterResource? PasswordParameter { get; }

    /// <summary><c>host:port,password=…</c>.</summary>
    public ReferenceExpression ConnectionStringExpression => PasswordParameter is null
        ? ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}")
        : ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)},password={PasswordParameter}");

    /// <summary><c>redis://:…@host:port</c>.</summary>
    public ReferenceExpression UriExpression => PasswordParameter is null
        ? ReferenceExpression.Create($"redis://{Host}:{Port}")
        : ReferenceExpression.Create($"redis://:{PasswordParameter:uri}@{Host}:{Port}");

    /// <summary>The connection string.</summary>
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        ConnectionStringExpression.GetValueAsync(cancellationToken);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties()
    {
        yield return new("Host", ReferenceExpression.Create($"{Host}"));
        yield return new("Port", ReferenceExpression.Create($"{Port}"));
        if (PasswordParameter is not null)
            yield return new("Password", ReferenceExpression.Create($"{PasswordParameter}"));

        yield return new("Uri", UriExpression);
    }
}

/// <summary>A Redis server writes its data to disk.</summary>
/// <param name="interval">How often a snapshot is written when enough keys changed.</param>
/// <param name="keysChanged">How many keys are enough.</param>
internal sealed class RedisPersistenceAnnotation(TimeSpan interval, long keysChanged) : IResourceAnnotation
{
    public TimeSpan Interval { get; } = interval;

    public long KeysChanged { get; } = keysChanged;
}
