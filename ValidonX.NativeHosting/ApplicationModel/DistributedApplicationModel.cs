namespace Aspire.Hosting.ApplicationModel;

/// <summary>The finished description of a stack.</summary>
public class DistributedApplicationModel(IResourceCollection resources)
{
    /// <summary>All resources, in the order in which they were added.</summary>
    public IResourceCollection Resources { get; } = resources;
}
