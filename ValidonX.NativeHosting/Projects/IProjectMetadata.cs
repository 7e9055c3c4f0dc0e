using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What the build knows of a project that the AppHost references.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>The project file's full path.</summary>
    string ProjectPath { get; }

    /// <summary>The project's launch settings; null to read them from its <c>Properties/launchSettings.json</c>.</summary>
    LaunchSettings? LaunchSettings => null;

    /// <summary>Whether the project is built already when the stack starts.</summary>
    bool SuppressBuild => false;
}
