using System.Threading.RateLimiting;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.LicensingApi.SlowQueries;

/// <summary>Adds a request's slow statements to its tenant's. Where a server is slow everything on it is, and a few of a tenant's requests tell it as well as all of them.</summary>
internal sealed class SlowQueryNotes(SlowQueryList list) : IDisposable
{
    private const int RequestsInSecond = 5;

    private readonly PartitionedRateLimiter<Guid> _limiter = PartitionedRateLimiter.Create<Guid, Guid>(tenant =>
        RateLimitPartition.GetFixedWindowLimiter(tenant, _ => new FixedWindowRateLimiterOptions { PermitLimit = RequestsInSecond, Window = TimeSpan.FromSeconds(1), QueueLimit = 0 }));

    /// <summary>Adds them. Never throws, never waits.</summary>
    public void Add(HttpContext context, Guid tenantId, IReadOnlyList<SlowStatement> slow)
    {
        using var lease = _limiter.AttemptAcquire(tenantId);
        if (lease.IsAcquired)
        {
            var route = $"{context.Request.Method} {(context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText}";
            // A caller chooses it, and some choose a key.
            var requestId = Redaction.Text(RequestIds.Of(context));
            list.Add(tenantId, slow.OrderBy(one => one.At).Select(one => new SlowQuery(one.At, Math.Round(one.Duration.TotalMilliseconds, 1), TenantScope.Inner(one.Text), route, requestId)));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();
}
