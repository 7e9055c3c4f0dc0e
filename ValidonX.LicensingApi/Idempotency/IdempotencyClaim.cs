namespace ValidonX.LicensingApi.Idempotency;

/// <summary>
/// The right to run the request that a key stands for; a feature of the request. It outlives neither its lease nor a repetition that took over:
/// the change's own transaction finds out, so what two do under one key is committed once.
/// </summary>
/// <param name="Scope">The tenant, or the operator.</param>
/// <param name="KeyHash">SHA-256 of the key.</param>
/// <param name="RequestHash">Tells a repetition from another request.</param>
/// <param name="LeaseUntil">When the lease ends, by the platform database's clock; no two claims of a key have the same.</param>
internal sealed record IdempotencyClaim(Guid Scope, byte[] KeyHash, byte[] RequestHash, DateTimeOffset LeaseUntil);
