using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>An endpoint's turn: for as long as the lease lasts it is this worker's alone.</summary>
internal sealed record EndpointTurn
{
    public Guid Id { get; init; }

    public Guid TenantId { get; init; }

    public string TenantSlug { get; init; } = "";

    public string TenantPlan { get; init; } = "";

    public string Url { get; init; } = "";

    public bool IsOrdered { get; init; }

    /// <summary>Failures since the last success, when the turn began.</summary>
    public long Failures { get; init; }

    public byte[] SealedSecret { get; init; } = [];

    public byte[]? SealedSigningKey { get; init; }

    public byte[]? PreviousSealedSecret { get; init; }

    public byte[]? PreviousSealedSigningKey { get; init; }

    public DateTimeOffset? PreviousUntil { get; init; }

    public Guid LeaseId { get; init; }

    public DateTimeOffset LeaseUntil { get; init; }
}

/// <summary>What an endpoint's deliveries are signed with.</summary>
/// <param name="Now">The keys.</param>
/// <param name="Before">Those of before the last rotation, while it overlaps.</param>
internal sealed record EndpointKeys(WebhookKeys Now, WebhookKeys? Before);
