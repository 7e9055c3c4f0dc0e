namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a resource relates to another: <c>Reference</c> or <c>Parent</c>.</summary>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    /// <summary>The other resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The relation.</summary>
    public string Type { get; } = type;
}
