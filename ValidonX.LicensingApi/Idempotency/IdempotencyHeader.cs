namespace ValidonX.LicensingApi.Idempotency;

/// <summary>Endpoint metadata: the endpoint minds <c>Idempotency-Key</c> by itself, in the transaction of its work.</summary>
internal sealed class IdempotencyHeader
{
    public static IdempotencyHeader Instance { get; } = new();
}
