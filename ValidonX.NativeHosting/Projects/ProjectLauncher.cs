using System.Globalization;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Telemetry;

namespace Aspire.Hosting;

/// <summary>Prepares the processes of projects: the assembly as it was built, never <c>dotnet run</c>.</summary>
internal sealed class ProjectLauncher(AppHostProjects projects, TelemetryEnvironment telemetry) : ILauncher
{
    // What is meant for the AppHost alone: its own addresses, and the parameters that the app model hands out one by one.
    private static readonly string[] OwnVariables =
        ["ASPNETCORE_URLS", "HTTP_PORTS", "HTTPS_PORTS", "ASPNETCORE_HTTP_PORTS", "DOTNET_LAUNCH_PROFILE", "DOTNET_STARTUP_HOOKS"];

    private static readonly string[] OwnPrefixes = ["Parameters__", "ASPIRE_", "DOTNET_DASHBOARD_", "DOTNET_RESOURCE_SERVICE_", "OTEL_"];

    private static readonly string Dotnet = FindDotnet();

    public bool CanLaunch(IResource resource) => resource is ProjectResource;

    public Task FindProgramAsync(IResource resource, CancellationToken cancellationToken)
    {
        _ = AssemblyOf(resource);
        return Task.CompletedTask;
    }

    public Task<Launch> PrepareAsync(LaunchRequest request, CancellationToken cancellationToken)
    {
        var project = Metadata(request.Resource);
        var variables = Inherited();
        foreach (var (name, value) in telemetry.For(request))
            variables[name] = value;

        if (Urls(request) is { Length: > 0 } urls)
            variables["ASPNETCORE_URLS"] = urls;

        foreach (var (name, value) in request.Variables)
            variables[name] = value;

        foreach (var endpoint in request.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (endpoint.PortVariable is { } variable)
                variables[variable] = request.Port(endpoint.Name).ToString(CultureInfo.InvariantCulture);
        }

        var folder = Path.GetDirectoryName(project.ProjectPath)!;
        return Task.FromResult(new Launch(new LaunchSpec(Dotnet, [AssemblyOf(request.Resource), .. request.Arguments], variables, folder)));
    }

    private static IProjectMetadata Metadata(IResource resource) => resource.TryGetLastAnnotation<IProjectMetadata>(out var project)
        ? project
        : throw new DistributedApplicationException($"The resource '{resource.Name}' names no project.");

    private string AssemblyOf(IResource resource) => projects.AssemblyOf(Metadata(resource));

    private static string Urls(LaunchRequest request) => string.Join(';', request.Resource.Annotations.OfType<EndpointAnnotation>()
        .Where(endpoint => endpoint.UriScheme is "http" or "https")
        .Select(endpoint => string.Create(CultureInfo.InvariantCulture, $"{endpoint.UriScheme}://localhost:{request.Port(endpoint.Name)}")));

    private static Dictionary<string, string?> Inherited()
    {
        var variables = OwnVariables.ToDictionary(name => name, _ => (string?)null);
        foreach (string name in Environment.GetEnvironmentVariables().Keys)
        {
            if (OwnPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
                variables[name] = null;
        }

        return variables;
    }

    private static string FindDotnet()
    {
        var file = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", file));
        return File.Exists(beside) ? beside : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? file;
    }
}
