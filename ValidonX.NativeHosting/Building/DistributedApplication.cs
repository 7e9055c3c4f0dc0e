using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>A stack that can be started and stopped.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly EntryPointInterception? _interception;
    private int _disposed;

    /// <param name="host">The host that starts and stops with the stack.</param>
    public DistributedApplication(IHost host)
        : this(host, interception: null)
    {
    }

    internal DistributedApplication(IHost host, EntryPointInterception? interception)
    {
        ArgumentNullException.ThrowIfNull(host);
        _host = host;
        _interception = interception;
    }

    /// <summary>The services of the stack's host.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Knows the state of every resource.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Runs the commands of resources.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    /// <summary>Begins to describe a stack.</summary>
    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>Begins to describe a stack.</summary>
    /// <param name="args">The AppHost's command line.</param>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>Begins to describe a stack.</summary>
    /// <param name="options">How the stack is started.</param>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) =>
        new DistributedApplicationBuilder(options);

    /// <summary>Starts the stack and returns when it has been told to end and has ended.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Starts the stack and returns when it has been told to end and has ended.</summary>
    /// <remarks>
    /// A stack that cannot start says why in one sentence on standard error and sets exit code 1; there is nobody to catch an exception.
    /// </remarks>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_interception is not null)
        {
            await _interception.Ended.WaitAsync(cancellationToken);
            return;
        }

        try
        {
            await StartAsync(cancellationToken);
            await _host.WaitForShutdownAsync(cancellationToken);
        }
        catch (DistributedApplicationException exception)
        {
            await System.Console.Error.WriteLineAsync(exception.Message);
            Environment.ExitCode = 1;
        }
        catch (OperationCanceledException) when (
            cancellationToken.IsCancellationRequested || Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            // Told to end while it was still starting.
        }
        finally
        {
            await DisposeAsync();
        }
    }

    /// <summary>Starts the stack and returns when all resources are on their way.</summary>
    /// <exception cref="DistributedApplicationException">It cannot start; the message says why and what to do.</exception>
    public virtual Task StartAsync(CancellationToken cancellationToken = default) => _host.StartAsync(cancellationToken);

    /// <summary>Stops all resources, those first that others do not need.</summary>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <inheritdoc cref="DisposeAsync"/>
    public virtual void Dispose()
    {
        GC.SuppressFinalize(this);
        DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Stops what still runs and lets go of the data folder.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;

        GC.SuppressFinalize(this);
        var data = Services.GetRequiredService<DataFolder>();
        try
        {
            await _host.StopAsync(CancellationToken.None);
        }
        finally
        {
            if (_host is IAsyncDisposable disposable)
                await disposable.DisposeAsync();

            data.Dispose();
            _interception?.OnEnded();
        }
    }
}
