namespace Aspire.Hosting.ApplicationModel;

/// <summary>One thing that the stack consists of: a service, a server, a database, a parameter.</summary>
public interface IResource
{
    /// <summary>The resource's name, unique within the stack regardless of case.</summary>
    string Name { get; }

    /// <summary>Everything that the app model said about the resource, in the order in which it said it.</summary>
    ResourceAnnotationCollection Annotations { get; }
}

/// <summary>Something the app model says about a resource.</summary>
public interface IResourceAnnotation;

/// <summary>A resource that receives environment variables.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>A resource that receives command line arguments.</summary>
public interface IResourceWithArgs : IResource;

/// <summary>A resource that listens on named endpoints.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>A resource that can wait for others before it starts.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>A resource that belongs to another, as a database belongs to its server.</summary>
public interface IResourceWithParent : IResource
{
    /// <summary>The resource that this one belongs to.</summary>
    IResource Parent { get; }
}

/// <inheritdoc cref="IResourceWithParent"/>
public interface IResourceWithParent<out T> : IResourceWithParent
    where T : IResource
{
    /// <summary>The resource that this one belongs to.</summary>
    new T Parent { get; }

    IResource IResourceWithParent.Parent => Parent;
}
