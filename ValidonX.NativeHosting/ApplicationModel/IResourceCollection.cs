using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resources of a stack.</summary>
public interface IResourceCollection : IList<IResource>
{
    /// <summary>Finds a resource by its name, regardless of case.</summary>
    bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource);
}

internal sealed class ResourceCollection : Collection<IResource>, IResourceCollection
{
    public bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource)
    {
        resource = this.FirstOrDefault(candidate => ResourceName.Comparer.Equals(candidate.Name, name));
        return resource is not null;
    }
}
