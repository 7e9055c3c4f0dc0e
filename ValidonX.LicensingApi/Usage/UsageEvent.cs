namespace ValidonX.LicensingApi.Usage;

/// <summary>The answer to <c>usage/record</c>.</summary>
internal sealed record UsageAnswer(bool Recorded, ShownUsageEvent UsageEvent);

/// <summary>A usage event as shown (CONTRACT §3).</summary>
internal sealed record ShownUsageEvent(Guid Id, string EntitlementCode, long Quantity, DateTimeOffset RecordedAt);

/// <summary>What an app reports.</summary>
/// <param name="Metric">The entitlement's code.</param>
/// <param name="Quantity">At least 1.</param>
/// <param name="Metadata">A JSON object.</param>
/// <param name="IdempotencyKeyHash">SHA-256 of the caller's Idempotency-Key, if it sent one.</param>
/// <param name="RequestHash">SHA-256 of the request, to tell a repetition from another request under the same key.</param>
internal sealed record UsageReport(string Metric, long Quantity, string Metadata, byte[]? IdempotencyKeyHash, byte[]? RequestHash);

/// <summary>The recorded event, and whether it was recorded by an earlier call with the same Idempotency-Key.</summary>
internal sealed record RecordedUsage(ShownUsageEvent Event, bool IsReplay);
