namespace Aspire.Hosting.ApplicationModel;

/// <summary>The addresses of a resource as they are shown to people.</summary>
internal static class ResourceUrls
{
    public static IReadOnlyList<ResourceUrlAnnotation> Of(IResource resource)
    {
        if (resource is not IResourceWithEndpoints withEndpoints)
            return [];

        var endpoints = withEndpoints.GetEndpoints().Where(endpoint => endpoint.IsAllocated).ToArray();
        var urls = endpoints.Select(endpoint => new ResourceUrlAnnotation { Url = endpoint.Url, Endpoint = endpoint }).ToList();
        foreach (var callback in resource.Annotations.OfType<EndpointUrlCallbackAnnotation>())
        {
            if (endpoints.FirstOrDefault(endpoint => endpoint.EndpointName == callback.EndpointName) is { } endpoint)
                callback.Apply(urls, endpoint);
        }

        foreach (var url in urls)
        {
            if (url.Url.StartsWith('/') && (url.Endpoint ?? endpoints.FirstOrDefault()) is { } endpoint)
                url.Url = endpoint.Url + url.Url;
        }

        return urls;
    }
}
