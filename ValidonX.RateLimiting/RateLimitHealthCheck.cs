using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ValidonX.RateLimiting;

/// <summary>How the rate limits stand.</summary>
internal interface IRateLimiterHealth
{
    /// <summary>Since when Redis is away and quotas are divided among the replicas; null while leases flow.</summary>
    DateTimeOffset? DegradedSince { get; }
}

internal sealed class RateLimiterHealth(LeaseLink link) : IRateLimiterHealth
{
    public DateTimeOffset? DegradedSince => link.AwaySince;
}

/// <summary>Health check <c>rate-limits</c>: degraded, never unhealthy, because the gateway goes on without Redis.</summary>
internal sealed class RateLimitHealthCheck(IRateLimiterHealth health) : IHealthCheck
{
    public const string Name = "rate-limits";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(health.DegradedSince is { } since
            ? HealthCheckResult.Degraded($"Redis is away since {since:u}; each gateway grants its own share of every quota.")
            : HealthCheckResult.Healthy("Rate limits are leased from Redis."));
}
