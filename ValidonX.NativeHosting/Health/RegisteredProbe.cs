using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Health;

/// <summary>Asks a health check that the AppHost registered.</summary>
internal sealed class RegisteredProbe(string key, HealthCheckService checks) : IReadinessProbe
{
    public string Name { get; } = key;

    public async Task<HealthCheckResult> CheckAsync(CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(registration => registration.Name == Name, cancellationToken);
        return report.Entries.TryGetValue(Name, out var entry)
            ? new HealthCheckResult(entry.Status, entry.Description, entry.Exception)
            : HealthCheckResult.Unhealthy($"No health check is registered as '{Name}'.");
    }
}
