using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint of a resource by its name; its address is known once the stack has started.</summary>
public sealed class EndpointReference : IValueProvider, IManifestExpressionProvider, IValueWithReferences
{
    private EndpointAnnotation? _annotation;

    /// <param name="owner">The resource.</param>
    /// <param name="endpointName">The endpoint's name.</param>
    public EndpointReference(IResourceWithEndpoints owner, string endpointName)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(endpointName);
        Resource = owner;
        EndpointName = endpointName;
    }

    /// <param name="owner">The resource.</param>
    /// <param name="endpoint">The endpoint.</param>
    public EndpointReference(IResourceWithEndpoints owner, EndpointAnnotation endpoint)
        : this(owner, endpoint?.Name!) => _annotation = endpoint;

    /// <summary>The resource.</summary>
    public IResourceWithEndpoints Resource { get; }

    /// <summary>The endpoint's name.</summary>
    public string EndpointName { get; }

    /// <summary>The endpoint.</summary>
    /// <exception cref="InvalidOperationException">The resource has no such endpoint.</exception>
    public EndpointAnnotation EndpointAnnotation => Find()
        ?? throw new InvalidOperationException($"The endpoint '{EndpointName}' of '{Resource.Name}' does not exist.");

    /// <summary>Whether the resource has such an endpoint.</summary>
    public bool Exists => Find() is not null;

    /// <summary>Whether its address is known.</summary>
    public bool IsAllocated => Find()?.AllocatedEndpoint is not null;

    /// <summary>Whether its scheme is http.</summary>
    public bool IsHttp => EndpointAnnotation.UriScheme == "http";

    /// <summary>Whether its scheme is https.</summary>
    public bool IsHttps => EndpointAnnotation.UriScheme == "https";

    /// <summary>The scheme.</summary>
    public string Scheme => EndpointAnnotation.UriScheme;

    /// <summary>The host name.</summary>
    public string Host => Allocated.Address;

    /// <summary>The port that others use.</summary>
    public int Port => Allocated.Port;

    /// <summary>The port that the app model fixed for the process itself; null when any is fine.</summary>
    public int? TargetPort => EndpointAnnotation.TargetPort;

    /// <summary>The address as a URI.</summary>
    public string Url => Allocated.UriString;

    string IManifestExpressionProvider.ValueExpression => Property(EndpointProperty.Url).ValueExpression;

    IEnumerable<object> IValueWithReferences.References => [Resource];

    private AllocatedEndpoint Allocated => EndpointAnnotation.AllocatedEndpoint
        ?? throw new InvalidOperationException($"The endpoint '{EndpointName}' of '{Resource.Name}' has no address before the stack has started.");

    /// <summary>One part of the address.</summary>
    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    /// <summary>The address as a URI.</summary>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);

    /// <summary>The address of one replica's own process.</summary>
    internal string ReplicaUrl(int replica) =>
        string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{EndpointAnnotation.ProcessPorts[replica]}");

    private EndpointAnnotation? Find() => _annotation ??= Resource.Annotations.OfType<EndpointAnnotation>()
        .FirstOrDefault(candidate => string.Equals(candidate.Name, EndpointName, StringComparison.OrdinalIgnoreCase));
}
