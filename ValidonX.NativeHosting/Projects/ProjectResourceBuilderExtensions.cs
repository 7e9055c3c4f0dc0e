using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds projects of this solution to the app model.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project with the endpoints and variables of its first launch profile, when it has one.</summary>
    /// <typeparam name="TProject">The project, one of the generated classes in the namespace <c>Projects</c>.</typeparam>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The resource's name.</param>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddProject(name, new TProject(), useLaunchProfile: true, builder.Configuration["DOTNET_LAUNCH_PROFILE"]);
    }

    /// <summary>Adds a project with the endpoints and variables of a launch profile.</summary>
    /// <typeparam name="TProject">The project, one of the generated classes in the namespace <c>Projects</c>.</typeparam>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="launchProfileName">The launch profile; null for none.</param>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddProject(name, new TProject(), useLaunchProfile: launchProfileName is not null, launchProfileName);
    }

    /// <summary>Runs several processes of the project side by side, behind one public address.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one.</exception>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    private static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, IProjectMetadata project, bool useLaunchProfile, string? launchProfileName)
    {
        var resource = builder.AddResource(new ProjectResource(name)).WithAnnotation(project);
        var settings = useLaunchProfile ? project.LaunchSettings ?? LaunchSettings.Read(Path.GetDirectoryName(project.ProjectPath)!) : null;
        if (settings?.Select(launchProfileName) is not { } profile)
            return resource;

        foreach (var address in (profile.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var uri = new Uri(address);
            resource.WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, uri.Scheme, port: uri.Port));
        }

        return resource.WithEnvironment(context =>
        {
            foreach (var (variable, value) in profile.EnvironmentVariables)
                context.EnvironmentVariables.TryAdd(variable, value);
        });
    }
}
