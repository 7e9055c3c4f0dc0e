namespace Aspire.Hosting.ApplicationModel;

/// <summary>The environment variables of a resource while they are being gathered.</summary>
public class EnvironmentCallbackContext(
    DistributedApplicationExecutionContext executionContext,
    IResource resource,
    Dictionary<string, object>? environmentVariables = null,
    CancellationToken cancellationToken = default)
{
    /// <summary>The variables: texts, or values that are known only now.</summary>
    public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables ?? [];

    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>What the stack is being started for.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>Ends when the start is called off.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>Adds to the environment variables of a resource when it starts.</summary>
public class EnvironmentCallbackAnnotation : IResourceAnnotation
{
    /// <param name="callback">Adds the variables.</param>
    public EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback) => Callback = callback;

    /// <param name="callback">Adds the variables.</param>
    public EnvironmentCallbackAnnotation(Action<EnvironmentCallbackContext> callback)
        : this(context =>
        {
            callback(context);
            return Task.CompletedTask;
        })
    {
    }

    /// <summary>Adds the variables.</summary>
    public Func<EnvironmentCallbackContext, Task> Callback { get; }
}
