namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address of a resource as it is shown to people.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    /// <summary>The address; what begins with a slash is relative to the endpoint.</summary>
    public required string Url { get; set; }

    /// <summary>The text to show in its place.</summary>
    public string? DisplayText { get; set; }

    /// <summary>The endpoint it belongs to.</summary>
    public EndpointReference? Endpoint { get; init; }
}

/// <summary>Changes or adds an address once the endpoints are known.</summary>
internal sealed class EndpointUrlCallbackAnnotation(string endpointName, Action<List<ResourceUrlAnnotation>, EndpointReference> apply)
    : IResourceAnnotation
{
    public string EndpointName { get; } = endpointName;

    public Action<List<ResourceUrlAnnotation>, EndpointReference> Apply { get; } = apply;
}
