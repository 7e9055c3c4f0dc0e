using ValidonX.RateLimiting;

namespace ValidonX.Gateway.Limits;

/// <summary>
/// The header fields of CONTRACT §4, on good and refused answers alike: the <c>X-RateLimit-*</c> trio and the structured fields of
/// draft-ietf-httpapi-ratelimit-headers-11. They tell of the layer that allows the fewest further requests, or of the one that refused.
/// </summary>
internal static class RateLimitHeaders
{
    public const string Limit = "X-RateLimit-Limit";
    public const string Remaining = "X-RateLimit-Remaining";
    public const string Reset = "X-RateLimit-Reset";
    public const string RateLimit = "RateLimit";
    public const string RateLimitPolicy = "RateLimit-Policy";

    /// <summary>Writes the fields; nothing for a request that is not limited. To be called before the answer starts.</summary>
    public static void Write(HttpContext context, LeaseEngine engine)
    {
        if (context.Features.Get<IRateLimitSubject>()?.Layers is not { } layers || layers.Nearest() is not { } nearest) return;
        var headers = context.Response.Headers;
        headers[RateLimitPolicy] = layers.Description;
        if (context.Features.Get<RateLimitOutcome>() is { } refusal)
        {
            headers[Limit] = refusal.Policy.QuotaText;
            headers[Remaining] = "0";
            headers[Reset] = string.Create(null, $"{refusal.Reset}");
            headers[RateLimit] = string.Create(null, $"\"{refusal.Policy.Name}\";r=0;t={refusal.SecondsLeft}");
            headers.RetryAfter = string.Create(null, $"{refusal.SecondsLeft}");
            return;
        }

        var (policy, state) = (nearest.Policy, engine.StateOf(nearest));
        var remaining = Math.Min(state.Remaining, policy.Quota);
        headers[Limit] = policy.QuotaText;
        headers[Remaining] = string.Create(null, $"{remaining}");
        headers[Reset] = state.ResetText;
        headers[RateLimit] = string.Create(null, $"\"{policy.Name}\";r={remaining};t={state.SecondsLeft}");
    }
}
