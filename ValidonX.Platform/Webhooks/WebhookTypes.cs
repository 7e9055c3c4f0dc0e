namespace ValidonX.Platform.Webhooks;

/// <summary>What a tenant can be told of (CONTRACT §7).</summary>
public static class WebhookTypes
{
    public const string LicenseCreated = "license.created";
    public const string LicenseRevoked = "license.revoked";
    public const string LicenseExpiring = "license.expiring";
    public const string ActivationCreated = "activation.created";
    public const string ActivationRevoked = "activation.revoked";
    public const string ActivationLimitReached = "activation.limit_reached";
    public const string EntitlementGranted = "entitlement.granted";
    public const string EntitlementRevoked = "entitlement.revoked";
    public const string SubscriptionCreated = "subscription.created";
    public const string SubscriptionUpdated = "subscription.updated";
    public const string SubscriptionCancelled = "subscription.cancelled";
    public const string UsageThresholdReached = "usage.threshold_reached";
    public const string TenantProvisioned = "tenant.provisioned";
    public const string TenantSuspended = "tenant.suspended";

    /// <summary>An endpoint was disabled because its receiver fails or is gone: for the tenant's others.</summary>
    public const string WebhookDisabled = "webhook.disabled";

    /// <summary>Something is wrong with the tenant.</summary>
    public const string AlertOpened = "alert.opened";

    /// <summary>Somebody has taken an alert on.</summary>
    public const string AlertAcknowledged = "alert.acknowledged";

    /// <summary>What was wrong is over, or an operator has closed the alert.</summary>
    public const string AlertClosed = "alert.closed";

    /// <summary>What "test" sends, to whatever an endpoint is subscribed.</summary>
    public const string Test = "webhook.test";

    /// <summary>Stands for all types, those of later versions included.</summary>
    public const string Every = "*";

    /// <summary>Those that one can subscribe to.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        LicenseCreated, LicenseRevoked, LicenseExpiring, ActivationCreated, ActivationRevoked, ActivationLimitReached, EntitlementGranted, EntitlementRevoked,
        SubscriptionCreated, SubscriptionUpdated, SubscriptionCancelled, UsageThresholdReached, TenantProvisioned, TenantSuspended, WebhookDisabled,
        AlertOpened, AlertAcknowledged, AlertClosed,
    ];

    /// <summary>Whether an endpoint that is subscribed to <paramref name="subscribed"/> is told of an event of this type.</summary>
    public static bool Covers(IEnumerable<string> subscribed, string type) => subscribed.Any(one => one == type || one == Every);
}
