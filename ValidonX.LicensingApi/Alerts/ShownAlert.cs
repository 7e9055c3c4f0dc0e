using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Alerts;

namespace ValidonX.LicensingApi.Alerts;

/// <summary>Something that is or was wrong with a tenant.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TenantId">With which tenant.</param>
/// <param name="TenantSlug">The tenant's short name.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Subject">With what of the tenant, such as a webhook endpoint's id; null where the kind says it all.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Status">Whether somebody has taken it on, and whether it is over.</param>
/// <param name="Value">
/// How much of it there was at the last look: requests within two minutes (`noisy_neighbor`), percent (`error_rate`, `quota_near`, `quota_reached`), milliseconds (`latency_p95`), seconds
/// (`queue_age`); 1 where there is nothing to measure.
/// </param>
/// <param name="Threshold">From how much on it is wrong.</param>
/// <param name="Peak">The most since it was opened.</param>
/// <param name="OpenedAt">When it was noticed.</param>
/// <param name="LastSeenAt">When it was so last.</param>
/// <param name="AcknowledgedAt">When somebody took it on.</param>
/// <param name="AcknowledgedBy">Who did.</param>
/// <param name="ClosedAt">When it was closed.</param>
/// <param name="ClosedBy">Who closed it; `system` when it was over by itself.</param>
internal sealed record ShownAlert(
    Guid Id,
    Guid TenantId,
    [property: Example("acme")] string TenantSlug,
    [property: Words(
        AlertKinds.NoisyNeighbor, AlertKinds.ErrorRate, AlertKinds.LatencyP95, AlertKinds.QueueAge, AlertKinds.QuotaNear, AlertKinds.QuotaReached, AlertKinds.ProvisioningFailed, AlertKinds.WebhookDisabled)]
    string Kind,
    string? Subject,
    [property: Words(AlertSeverity.Warning, AlertSeverity.Critical)] string Severity,
    [property: Words(AlertStatus.Open, AlertStatus.Acknowledged, AlertStatus.Closed)] string Status,
    [property: Example("12.5")] double Value,
    [property: Example("5")] double Threshold,
    [property: Example("40")] double Peak,
    DateTimeOffset OpenedAt,
    DateTimeOffset LastSeenAt,
    DateTimeOffset? AcknowledgedAt,
    [property: Example("operator")] string? AcknowledgedBy,
    DateTimeOffset? ClosedAt,
    [property: Example("system")] string? ClosedBy);

/// <summary>The answer that holds one alert.</summary>
internal sealed record AlertAnswer(ShownAlert Alert);

/// <summary>Which of a tenant's alerts a list shows.</summary>
internal record OwnAlertFilter : ListQuery
{
    /// <summary>Only those that are so far.</summary>
    [Words(AlertStatus.Open, AlertStatus.Acknowledged, AlertStatus.Closed)]
    public string? Status { get; init; }

    /// <summary>Only those of this kind.</summary>
    [Words(AlertKinds.NoisyNeighbor, AlertKinds.ErrorRate, AlertKinds.LatencyP95, AlertKinds.QueueAge, AlertKinds.QuotaNear, AlertKinds.QuotaReached, AlertKinds.ProvisioningFailed, AlertKinds.WebhookDisabled)]
    public string? Kind { get; init; }

    /// <summary>Only those that are so bad.</summary>
    [Words(AlertSeverity.Warning, AlertSeverity.Critical)]
    public string? Severity { get; init; }
}

/// <summary>Which alerts a list shows.</summary>
internal sealed record AlertFilter : OwnAlertFilter
{
    /// <summary>Only those of this tenant.</summary>
    public Guid? TenantId { get; init; }
}
