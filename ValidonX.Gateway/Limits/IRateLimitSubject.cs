using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Limits;

/// <summary>
/// Request feature that says what limits the request. Set before the rate-limiting middleware, by whoever resolved the caller; a request
/// without it is not limited.
/// </summary>
internal interface IRateLimitSubject
{
    RateLimitLayers Layers { get; }
}

/// <summary>Request feature set when a request was refused.</summary>
/// <param name="Policy">The policy that had nothing left.</param>
/// <param name="Reset">When its window ends, in Unix seconds on Redis's clock.</param>
/// <param name="SecondsLeft">Until then, rounded up; at least 1.</param>
internal sealed record RateLimitOutcome(RateLimitPolicy Policy, long Reset, long SecondsLeft);
