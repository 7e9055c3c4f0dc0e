namespace ValidonX.Platform.Alerts;

/// <summary><c>alerts.kind</c>: what can be wrong with a tenant.</summary>
public static class AlertKinds
{
    /// <summary>Its use is a multiple of the median of active tenants.</summary>
    public const string NoisyNeighbor = "noisy_neighbor";

    /// <summary>Too many of its requests are answered with 500 and above.</summary>
    public const string ErrorRate = "error_rate";

    /// <summary>One request in twenty takes too long.</summary>
    public const string LatencyP95 = "latency_p95";

    /// <summary>A job of it has been due for too long.</summary>
    public const string QueueAge = "queue_age";

    /// <summary>Most of the month's calls are used up.</summary>
    public const string QuotaNear = "quota_near";

    /// <summary>The month's calls are used up.</summary>
    public const string QuotaReached = "quota_reached";

    /// <summary>Its provisioning has failed and waits for an operator.</summary>
    public const string ProvisioningFailed = "provisioning_failed";

    /// <summary>A webhook endpoint was disabled because its receiver fails or is gone.</summary>
    public const string WebhookDisabled = "webhook_disabled";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [NoisyNeighbor, ErrorRate, LatencyP95, QueueAge, QuotaNear, QuotaReached, ProvisioningFailed, WebhookDisabled];

    /// <summary>
    /// Whether the tenant is told, too. That it is noisy concerns its operators: what it is compared with is the use of others.
    /// </summary>
    public static bool IsTenants(string kind) => kind != NoisyNeighbor;

    /// <summary>Whether it is judged by roll-ups, which cannot be read while Redis is away.</summary>
    public static bool IsMeasured(string kind) => kind is NoisyNeighbor or ErrorRate or LatencyP95 or QueueAge;

    /// <summary>How bad it is.</summary>
    public static string SeverityOf(string kind) => kind is ErrorRate or QuotaReached or ProvisioningFailed ? AlertSeverity.Critical : AlertSeverity.Warning;
}
