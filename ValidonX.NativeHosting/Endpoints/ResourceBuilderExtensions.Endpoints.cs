using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Describes resources.</summary>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Adds an HTTP endpoint.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port that others use; null for any free one.</param>
    /// <param name="targetPort">The port that the process itself listens on; null for any free one.</param>
    /// <param name="name">The endpoint's name; <c>http</c> when null.</param>
    /// <param name="env">A variable that tells the process its own port.</param>
    /// <param name="isProxied">Whether a proxy may stand before the process.</param>
    /// <exception cref="DistributedApplicationException">The resource has an endpoint of that name already.</exception>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? name = null,
        string? env = null,
        bool? isProxied = null)
        where T : IResourceWithEndpoints =>
        builder.WithEndpoint(targetPort: targetPort, port: port, scheme: "http", name: name, env: env, isProxied: isProxied);

    /// <summary>Adds an endpoint of any kind.</summary>
    /// <inheritdoc cref="WithHttpEndpoint{T}"/>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? scheme = null,
        string? name = null,
        string? env = null,
        bool? isProxied = null,
        bool? isExternal = null,
        ProtocolType? protocol = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var endpoint = new EndpointAnnotation(protocol ?? ProtocolType.Tcp, scheme, null, name, port, targetPort, isExternal, isProxied)
        {
            PortVariable = env,
        };
        return builder.Resource.GetEndpoint(endpoint.Name).Exists
            ? throw new DistributedApplicationException($"Endpoint with name '{endpoint.Name}' already exists on resource '{builder.Resource.Name}'.")
            : builder.WithAnnotation(endpoint);
    }

    /// <summary>Marks all HTTP endpoints as meant for callers outside the stack.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (endpoint.UriScheme is "http" or "https")
                endpoint.IsExternal = true;
        }

        return builder;
    }

    /// <summary>A reference to an endpoint of the resource by its name.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Resource.GetEndpoint(name);
    }

    /// <summary>Changes how the address of an endpoint is shown.</summary>
    public static IResourceBuilder<T> WithUrlForEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Action<ResourceUrlAnnotation> callback)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(callback);
        return builder.WithAnnotation(new EndpointUrlCallbackAnnotation(endpointName, (urls, endpoint) =>
        {
            foreach (var url in urls.Where(url => url.Endpoint?.EndpointName == endpoint.EndpointName))
                callback(url);
        }));
    }

    /// <summary>Adds an address for an endpoint.</summary>
    public static IResourceBuilder<T> WithUrlForEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Func<EndpointReference, ResourceUrlAnnotation> callback)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(callback);
        return builder.WithAnnotation(new EndpointUrlCallbackAnnotation(endpointName, (urls, endpoint) => urls.Add(callback(endpoint))));
    }
}
