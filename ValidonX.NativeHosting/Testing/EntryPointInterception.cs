using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Holds an AppHost's entry point where a test wants to take over: before it builds, and instead of running.</summary>
internal sealed class EntryPointInterception(Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
{
    private static readonly AsyncLocal<EntryPointInterception?> Local = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _building = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayBuild = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static EntryPointInterception? Current => Local.Value;

    /// <summary>Completes when the app model is described and about to be built.</summary>
    public Task<DistributedApplicationBuilder> Building => _building.Task;

    /// <summary>Completes when the stack is built.</summary>
    public Task<DistributedApplication> Built => _built.Task;

    /// <summary>Completes when the stack has ended; the entry point waits for it in place of running.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Runs an entry point on a thread of its own.</summary>
    public void Run(Action entryPoint)
    {
        var thread = new Thread(() =>
        {
            Local.Value = this;
            try
            {
                entryPoint();
                Fail(new InvalidOperationException("The AppHost's entry point ended without building a stack."));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Fail(exception);
            }
        })
        {
            IsBackground = true,
            Name = "AppHost entry point",
        };
        thread.Start();
    }

    public void OnBuilderCreating(DistributedApplicationOptions options, HostApplicationBuilderSettings settings) =>
        configure(options, settings);

    public void OnBuilding(DistributedApplicationBuilder builder)
    {
        _building.TrySetResult(builder);
        _mayBuild.Task.GetAwaiter().GetResult();
    }

    public void OnBuilt(DistributedApplication application) => _built.TrySetResult(application);

    public void OnEnded() => _ended.TrySetResult();

    /// <summary>Lets the entry point build.</summary>
    public void Continue() => _mayBuild.TrySetResult();

    /// <summary>Ends an entry point that shall not build any more.</summary>
    public void Abandon()
    {
        _mayBuild.TrySetCanceled();
        _ended.TrySetResult();
    }

    private void Fail(Exception exception)
    {
        _building.TrySetException(exception);
        _built.TrySetException(exception);
        _ = _building.Task.Exception;
        _ = _built.Task.Exception;
    }
}
