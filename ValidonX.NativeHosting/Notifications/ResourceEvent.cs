namespace Aspire.Hosting.ApplicationModel;

/// <summary>The state of one replica of a resource changed.</summary>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The id of the replica: the resource's name and a suffix that differs from run to run.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>Its state.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}
