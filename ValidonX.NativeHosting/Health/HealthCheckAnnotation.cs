namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource is healthy only when the registered health check of this name passes.</summary>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    /// <summary>The name under which the health check is registered.</summary>
    public string Key { get; } = key;
}

/// <summary>Each replica is healthy only when it answers a request as expected.</summary>
internal sealed class HttpHealthCheckAnnotation(Func<EndpointReference> endpoint, string path, int statusCode) : IResourceAnnotation
{
    public EndpointReference Endpoint => endpoint();

    public string Path { get; } = path;

    public int StatusCode { get; } = statusCode;
}
