using System.Collections.Frozen;
using System.Reflection;

namespace Aspire.Hosting;

/// <summary>What the build noted in the AppHost's assembly.</summary>
internal static class AppHostMetadata
{
    private const string DirectoryKey = "apphostprojectpath";
    private const string OutputKeyPrefix = "projectoutput:";

    /// <summary>The folder of the AppHost's project; null when it is unknown or gone.</summary>
    public static string? ProjectDirectory(Assembly? assembly) =>
        Entries(assembly).FirstOrDefault(entry => entry.Key == DirectoryKey)?.Value is { } directory && Directory.Exists(directory)
            ? directory
            : null;

    /// <summary>The built assembly of each referenced project, by project file.</summary>
    public static IEnumerable<KeyValuePair<string, string>> ProjectOutputs(Assembly? assembly) =>
        from entry in Entries(assembly)
        where entry.Key.StartsWith(OutputKeyPrefix, StringComparison.Ordinal) && entry.Value is not null
        select KeyValuePair.Create(Path.GetFullPath(entry.Key[OutputKeyPrefix.Length..]), entry.Value);

    private static IEnumerable<AssemblyMetadataAttribute> Entries(Assembly? assembly) =>
        assembly?.GetCustomAttributes<AssemblyMetadataAttribute>() ?? [];
}

/// <summary>The built assemblies of the projects that the AppHost references.</summary>
internal sealed class AppHostProjects(Assembly? assembly)
{
    private readonly FrozenDictionary<string, string> _outputs = AppHostMetadata.ProjectOutputs(assembly).ToFrozenDictionary();

    /// <exception cref="DistributedApplicationException">The project is not referenced, or not built.</exception>
    public string AssemblyOf(IProjectMetadata project)
    {
        if (!_outputs.TryGetValue(Path.GetFullPath(project.ProjectPath), out var output))
            throw new DistributedApplicationException($"The AppHost has no reference to the project {project.ProjectPath}; add one.");

        return File.Exists(output)
            ? output
            : throw new DistributedApplicationException($"The project {project.ProjectPath} is not built: {output} is missing; run 'dotnet build'.");
    }
}
