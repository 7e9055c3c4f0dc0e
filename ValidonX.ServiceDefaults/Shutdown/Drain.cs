using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ValidonX.ServiceDefaults.Shutdown;

/// <summary>
/// Stops a replica without losing a request: from the signal on it is not ready, so that no more requests are sent to it, and it asks every
/// client to close its connection; only then does the server stop, which lets the requests under way finish.
/// </summary>
internal sealed class Drain(IOptions<ShutdownOptions> options, TimeProvider time) : IHostedLifecycleService, IHealthCheck
{
    private volatile bool _isUnderWay;

    /// <summary>Whether the service is about to stop.</summary>
    public bool IsUnderWay => _isUnderWay;

    /// <summary>Runs before any service of the host is stopped.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isUnderWay = true;
        return Task.Delay(options.Value.DrainTime, time, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsUnderWay ? HealthCheckResult.Unhealthy("The service is stopping.") : HealthCheckResult.Healthy());

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
