namespace Aspire.Hosting.ApplicationModel;

/// <summary>A server that Aspire runs in a container; here it is an ordinary process.</summary>
public class ContainerResource(string name, string? entrypoint = null)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    /// <summary>The program that the container runs; without effect here.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}

/// <summary>How long a container lives.</summary>
public enum ContainerLifetime
{
    /// <summary>As long as the stack.</summary>
    Session = 0,

    /// <summary>Beyond the stack; without effect here, where nothing outlives it.</summary>
    Persistent = 1,
}

/// <summary>The folder in which a server keeps its data from run to run.</summary>
/// <param name="volume">The folder's name.</param>
internal sealed class DataVolumeAnnotation(string volume) : IResourceAnnotation
{
    public string Volume { get; } = volume;
}
