using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;
using ValidonX.Coherence;

namespace ValidonX.Platform.Redis;

/// <summary>Whether Redis answers within a second. Without it the platform goes on by its fallbacks, hence degraded.</summary>
internal sealed class RedisHealthCheck(IConnectionMultiplexer redis) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var roundTrip = await redis.GetDatabase().PingAsync().WaitAsync(Patience, cancellationToken);
            return HealthCheckResult.Healthy(data: new Dictionary<string, object> { ["round_trip_ms"] = roundTrip.TotalMilliseconds });
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "Redis does not answer.", failure);
        }
    }
}
