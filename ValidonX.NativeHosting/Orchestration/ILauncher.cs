using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Orchestration;

/// <summary>Prepares the processes of one kind of resource.</summary>
internal interface ILauncher
{
    bool CanLaunch(IResource resource);

    /// <summary>Makes sure, before anything starts, that the program is there.</summary>
    /// <exception cref="DistributedApplicationException">It is not; the message says what to do.</exception>
    Task FindProgramAsync(IResource resource, CancellationToken cancellationToken);

    /// <summary>Prepares a start: writes what the process needs and says how to start it.</summary>
    /// <exception cref="DistributedApplicationException">It cannot be started; the message says why.</exception>
    Task<Launch> PrepareAsync(LaunchRequest request, CancellationToken cancellationToken);
}

/// <summary>One start of one replica.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Replica">The replica's index, from 0.</param>
/// <param name="InstanceId">What tells this replica apart in telemetry.</param>
/// <param name="Arguments">The arguments that the app model gives.</param>
/// <param name="Variables">The environment variables that the app model gives.</param>
internal sealed record LaunchRequest(
    IResource Resource,
    int Replica,
    string InstanceId,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string?> Variables)
{
    /// <summary>The port on which the replica's own process shall listen.</summary>
    public int Port(string endpointName) =>
        ((IResourceWithEndpoints)Resource).GetEndpoint(endpointName).EndpointAnnotation.ProcessPorts[Replica];
}

/// <summary>How to start a replica.</summary>
/// <param name="Process">The process.</param>
/// <param name="Probe">Tells when it is ready; null when it is as soon as it runs.</param>
internal sealed record Launch(LaunchSpec Process, IReadinessProbe? Probe = null);
