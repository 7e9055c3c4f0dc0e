using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ValidonX.Provisioner.Startup;

/// <summary>Ready once the platform is prepared, so that whoever waits for this service finds schema and accounts.</summary>
internal sealed class PreparationHealth(PlatformPreparation preparation) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(preparation.IsDone
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("The platform database is being prepared."));
}
