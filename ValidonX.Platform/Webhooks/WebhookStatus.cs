namespace ValidonX.Platform.Webhooks;

/// <summary>The states of an endpoint, as stored and as shown.</summary>
public static class WebhookStatus
{
    /// <summary>It gets what it is subscribed to.</summary>
    public const string Enabled = "enabled";

    /// <summary>Nothing is made or sent for it.</summary>
    public const string Disabled = "disabled";

    /// <summary>Never shown: its rows go little by little.</summary>
    public const string Deleted = "deleted";
}

/// <summary>Why an endpoint is disabled.</summary>
public static class DisabledReason
{
    /// <summary>A user wanted it.</summary>
    public const string Asked = "asked";

    /// <summary>The receiver has answered 410.</summary>
    public const string Gone = "gone";

    /// <summary>The receiver has failed for too long.</summary>
    public const string Failing = "failing";
}

/// <summary>The states of a delivery, as stored and as shown.</summary>
public static class DeliveryStatus
{
    /// <summary>It waits for its first or next try.</summary>
    public const string Pending = "pending";

    /// <summary>The receiver has taken it.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>It is not tried any more.</summary>
    public const string Failed = "failed";
}
