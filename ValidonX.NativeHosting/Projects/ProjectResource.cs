namespace Aspire.Hosting.ApplicationModel;

/// <summary>A .NET project of this solution, run as one or more processes.</summary>
public class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport;

/// <summary>How many processes of a project run side by side.</summary>
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    /// <summary>The number of processes.</summary>
    public int Replicas { get; } = replicas;
}
