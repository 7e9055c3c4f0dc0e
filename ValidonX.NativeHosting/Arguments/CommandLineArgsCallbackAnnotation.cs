namespace Aspire.Hosting.ApplicationModel;

/// <summary>The command line arguments of a resource while they are being gathered.</summary>
public sealed class CommandLineArgsCallbackContext(IList<object> args, CancellationToken cancellationToken = default)
{
    /// <summary>The arguments: texts, or values that are known only now.</summary>
    public IList<object> Args { get; } = args;

    /// <summary>Ends when the start is called off.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>Adds to the command line arguments of a resource when it starts.</summary>
public class CommandLineArgsCallbackAnnotation : IResourceAnnotation
{
    /// <param name="callback">Adds the arguments.</param>
    public CommandLineArgsCallbackAnnotation(Func<CommandLineArgsCallbackContext, Task> callback) => Callback = callback;

    /// <param name="callback">Adds the arguments.</param>
    public CommandLineArgsCallbackAnnotation(Action<IList<object>> callback)
        : this(context =>
        {
            callback(context.Args);
            return Task.CompletedTask;
        })
    {
    }

    /// <summary>Adds the arguments.</summary>
    public Func<CommandLineArgsCallbackContext, Task> Callback { get; }
}
