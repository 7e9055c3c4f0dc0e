using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting;

/// <summary>Prepares the processes of programs.</summary>
internal sealed class ExecutableLauncher : ILauncher
{
    public bool CanLaunch(IResource resource) => resource is ExecutableResource;

    public Task FindProgramAsync(IResource resource, CancellationToken cancellationToken)
    {
        var executable = (ExecutableResource)resource;
        return Program(executable) is null
            ? throw new DistributedApplicationException($"The program {executable.Command}, which '{resource.Name}' runs, was not found; install it.")
            : Task.CompletedTask;
    }

    public Task<Launch> PrepareAsync(LaunchRequest request, CancellationToken cancellationToken)
    {
        var executable = (ExecutableResource)request.Resource;
        var variables = new Dictionary<string, string?>(request.Variables);
        foreach (var endpoint in request.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (endpoint.PortVariable is { } variable)
                variables[variable] = request.Port(endpoint.Name).ToString(CultureInfo.InvariantCulture);
        }

        return Task.FromResult(new Launch(
            new LaunchSpec(Program(executable) ?? executable.Command, request.Arguments, variables, executable.WorkingDirectory)));
    }

    private static string? Program(ExecutableResource executable)
    {
        if (!executable.Command.Contains('/', StringComparison.Ordinal) && !executable.Command.Contains('\\', StringComparison.Ordinal))
            return SearchPath.Find(executable.Command);

        var path = Path.GetFullPath(Path.Combine(executable.WorkingDirectory, executable.Command));
        return File.Exists(path) ? path : null;
    }
}
