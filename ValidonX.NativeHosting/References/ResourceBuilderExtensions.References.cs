using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>
    /// Gives the connection string of <paramref name="source"/> as <c>ConnectionStrings__{name}</c>, and its parts as <c>{NAME}_{PART}</c>.
    /// </summary>
    /// <param name="builder">The resource that receives it.</param>
    /// <param name="source">The resource that it leads to.</param>
    /// <param name="connectionName">The name of the connection; the source's own when null.</param>
    /// <param name="optional">Whether the resource starts without it.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, "Reference"));
        return builder.WithEnvironment(context =>
        {
            var variable = resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}";
            context.EnvironmentVariables[variable] = new ConnectionStringReference(resource, optional);
            foreach (var (property, value) in resource.GetConnectionProperties())
                context.EnvironmentVariables[$"{ResourceName.ToVariableStem(name)}_{property.ToUpperInvariant()}"] = value;
        });
    }

    /// <summary>Lets the resource find all endpoints of <paramref name="source"/> by its name.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        builder.WithAnnotation(new ResourceRelationshipAnnotation(source.Resource, "Reference"));
        return builder.WithEnvironment(context =>
        {
            foreach (var endpoint in source.Resource.GetEndpoints())
                AddServiceDiscovery(context, endpoint);
        });
    }

    /// <summary>Lets the resource find one endpoint of another by that one's name.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(endpointReference);
        builder.WithAnnotation(new ResourceRelationshipAnnotation(endpointReference.Resource, "Reference"));
        return builder.WithEnvironment(context => AddServiceDiscovery(context, endpointReference));
    }

    /// <summary>Shows the resource as part of another.</summary>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> parent)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(parent);
        return builder.WithAnnotation(new ResourceRelationshipAnnotation(parent.Resource, "Parent"));
    }

    // Every replica is listed, so that a caller can balance by what it knows of each one's health;
    // the plain variable leads to the one public address.
    private static void AddServiceDiscovery(EnvironmentCallbackContext context, EndpointReference endpoint)
    {
        var (service, name) = (endpoint.Resource.Name, endpoint.EndpointName);
        for (var replica = 0; replica < endpoint.EndpointAnnotation.ProcessPorts.Count; replica++)
            context.EnvironmentVariables[$"services__{service}__{name}__{replica}"] = endpoint.ReplicaUrl(replica);

        context.EnvironmentVariables[$"{ResourceName.ToVariableStem(service)}_{ResourceName.ToVariableStem(name)}"] = endpoint;
    }
}
