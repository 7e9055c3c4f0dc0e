using System.Threading.RateLimiting;
using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Limits;

/// <summary>Plugs the engine into <c>Microsoft.AspNetCore.RateLimiting</c> as its global limiter.</summary>
internal sealed class LeasedRateLimiter(LeaseEngine engine) : PartitionedRateLimiter<HttpContext>
{
    /// <summary>What the current windows allow at most; null for a request that is not limited.</summary>
    public override RateLimiterStatistics? GetStatistics(HttpContext resource) =>
        resource.Features.Get<IRateLimitSubject>()?.Layers.Nearest() is { } nearest
            ? new RateLimiterStatistics { CurrentAvailablePermits = engine.StateOf(nearest).Remaining }
            : null;

    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount) =>
        resource.Features.Get<IRateLimitSubject>() is not { } subject || permitCount == 0 || engine.TryAcquire(subject.Layers)
            ? QuotaLease.Admitted
            : QuotaLease.Undecided;

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(
        HttpContext resource, int permitCount, CancellationToken cancellationToken)
    {
        if (resource.Features.Get<IRateLimitSubject>() is not { } subject || permitCount == 0) return new(QuotaLease.Admitted);
        var verdict = engine.AcquireAsync(subject.Layers, cancellationToken);
        return verdict.IsCompletedSuccessfully ? new(Conclude(resource, verdict.Result)) : WaitAsync(resource, verdict);
    }

    private async ValueTask<RateLimitLease> WaitAsync(HttpContext resource, ValueTask<Verdict> verdict) =>
        Conclude(resource, await verdict);

    private QuotaLease Conclude(HttpContext resource, Verdict verdict)
    {
        if (verdict.Refused is not { } refused) return QuotaLease.Admitted;
        var state = engine.StateOf(refused);
        var outcome = new RateLimitOutcome(refused.Policy, state.Reset, state.SecondsLeft);
        resource.Features.Set(outcome);
        return new QuotaLease(outcome);
    }
}
