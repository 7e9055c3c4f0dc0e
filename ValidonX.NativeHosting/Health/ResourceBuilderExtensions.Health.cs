using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Counts the resource as healthy only when it answers a request.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path to ask; <c>/</c> when null.</param>
    /// <param name="statusCode">The answer to expect; 200 when null.</param>
    /// <param name="endpointName">The endpoint to ask; <c>https</c> or else <c>http</c> when null.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new HttpHealthCheckAnnotation(
            () => SelectHttpEndpoint(builder.Resource, endpointName), path ?? "/", statusCode ?? 200));
    }

    /// <summary>Counts the resource as healthy only when the health check registered as <paramref name="key"/> passes.</summary>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(key);
        return builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(annotation => annotation.Key == key)
            ? throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' already has a health check with key '{key}'.")
            : builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    private static EndpointReference SelectHttpEndpoint(IResourceWithEndpoints resource, string? name)
    {
        string[] names = name is null ? ["https", "http"] : [name];
        return names.Select(resource.GetEndpoint).FirstOrDefault(endpoint => endpoint.Exists)
            ?? throw new DistributedApplicationException(
                $"The health check of '{resource.Name}' asks the endpoint '{name ?? "http"}', which does not exist.");
    }
}
