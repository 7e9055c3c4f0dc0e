using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ValidonX.Coherence;

/// <summary>Whether this process may use its caches. Without a lease it answers as rightly, but reads the source far more often: degraded.</summary>
internal sealed class CoherenceHealthCheck(CoherentCaches caches) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var view = caches.View;
        var data = new Dictionary<string, object> { ["lease_valid"] = view.IsValid, ["replica"] = view.Id };
        return Task.FromResult(view.IsValid
            ? HealthCheckResult.Healthy(data: data)
            : new HealthCheckResult(context.Registration.FailureStatus, "No lease on the caches: a value is good for a few seconds only and then read again.", data: data));
    }
}
