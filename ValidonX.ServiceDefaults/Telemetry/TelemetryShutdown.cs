using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ValidonX.ServiceDefaults.Telemetry;

/// <summary>
/// Sends what is left when everything else has stopped, all signals at once and with little patience: where a whole stack stops, the
/// collector may be gone already, and the SDK would wait for it five seconds for each signal.
/// </summary>
internal sealed class TelemetryShutdown(IServiceProvider services, TelemetryOptions options) : IHostedLifecycleService
{
    private int Patience => (int)options.StopPatience.TotalMilliseconds;

    /// <summary>Runs after every service of the host has stopped.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => services.GetService<TracerProvider>()?.Shutdown(Patience), CancellationToken.None),
        Task.Run(() => services.GetService<MeterProvider>()?.Shutdown(Patience), CancellationToken.None),
        Task.Run(() => services.GetService<LoggerProvider>()?.Shutdown(Patience), CancellationToken.None));

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
