using System.Diagnostics.Metrics;

namespace ValidonX.RateLimiting;

/// <summary>Meter <c>ValidonX.RateLimiting</c>.</summary>
internal sealed class RateLimitMetrics
{
    public const string MeterName = "ValidonX.RateLimiting";

    private readonly Counter<long> _admitted;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _failures;

    public RateLimitMetrics(IMeterFactory meters, ReplicaState state)
    {
        var meter = meters.Create(MeterName);
        _admitted = meter.CreateCounter<long>("validonx.rate_limit.admitted", "{request}", "Requests admitted.");
        _refused = meter.CreateCounter<long>("validonx.rate_limit.refused", "{request}", "Requests refused, by the layer that refused.");
        _calls = meter.CreateCounter<long>("validonx.rate_limit.lease_calls", "{call}", "Calls to Redis for leases.");
        _failures = meter.CreateCounter<long>("validonx.rate_limit.redis_errors", "{call}", "Calls to Redis that failed or took too long.");
        meter.CreateObservableGauge("validonx.rate_limit.degraded", () => state.Link == LinkState.Connected ? 0 : 1, "{gateway}", "1 while Redis is away.");
    }

    public void Admitted() => _admitted.Add(1);

    public void Refused(string policy) => _refused.Add(1, new KeyValuePair<string, object?>("validonx.rate_limit.layer", policy));

    public void Called() => _calls.Add(1);

    public void Failed() => _failures.Add(1);
}
