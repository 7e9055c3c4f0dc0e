namespace ValidonX.LicensingApi.Idempotency;

/// <summary>Endpoint metadata: whether <see cref="IdempotencyMiddleware"/> minds the key. The innermost counts.</summary>
/// <param name="IsAccepted">Not for what must never be shown twice.</param>
internal sealed record AcceptsIdempotencyKey(bool IsAccepted);

internal static class IdempotencyConventions
{
    /// <summary>Writes of the endpoint, or of all endpoints of the group, may carry an <c>Idempotency-Key</c>.</summary>
    public static TBuilder AcceptIdempotencyKey<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new AcceptsIdempotencyKey(true));
        return builder;
    }

    /// <summary>The endpoint's answer is never stored nor given again.</summary>
    public static TBuilder NeverReplay<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new AcceptsIdempotencyKey(false));
        return builder;
    }
}
