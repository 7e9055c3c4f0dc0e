using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Runs the commands of resources.</summary>
public class ResourceCommandService
{
    private readonly IServiceProvider _services;

    internal ResourceCommandService(IServiceProvider services) => _services = services;

    /// <summary>Runs a command on a resource, on each of its replicas.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="commandName">The command's name.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ExecuteCommandAsync(resource.Name, commandName, cancellationToken);
    }

    /// <summary>Runs a command on one replica by its id, or on each replica of a resource by the resource's name.</summary>
    /// <param name="resourceId">The id of a replica, or the name of a resource.</param>
    /// <param name="commandName">The command's name.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(resourceId);
        ArgumentException.ThrowIfNullOrEmpty(commandName);
        var targets = _services.GetRequiredService<ResourceNotificationService>().Find(resourceId);
        if (targets.Count == 0)
            return CommandResults.Failure($"Resource '{resourceId}' not found.");

        var results = await Task.WhenAll(targets.Select(target => ExecuteAsync(target, commandName, cancellationToken)));
        return results.FirstOrDefault(result => !result.Success) ?? results[0];
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(ResourceEvent target, string commandName, CancellationToken cancellationToken)
    {
        var command = target.Resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(command => command.Name == commandName);
        if (command is null)
            return CommandResults.Failure($"Command '{commandName}' not available for resource '{target.Resource.Name}'.");

        try
        {
            return await command.Execute(new ExecuteCommandContext
            {
                Services = _services,
                ResourceName = target.ResourceId,
                CancellationToken = cancellationToken,
                Logger = _services.GetRequiredService<ResourceLoggerService>().GetLogger(target.ResourceId),
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CommandResults.Canceled();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return CommandResults.Failure(exception);
        }
    }
}
