using ValidonX.Platform.Audit;

namespace ValidonX.Platform.Webhooks;

/// <summary>
/// Keeps what webhooks are to tell, in the transaction that writes the audit log: so whatever happens there, once, happens here, once. The provisioner makes the deliveries of it.
/// </summary>
public static class WebhookIntake
{
    /// <summary>What came about before its tenant could have an endpoint is kept for the first one, which asks for it by a replay.</summary>
    private static readonly string[] KeptForLater = [WebhookTypes.TenantProvisioned, WebhookTypes.SubscriptionCreated];

    /// <summary>The channel that is signaled once events are committed.</summary>
    public const string WakeupChannel = "webhooks";

    /// <summary>The statements that keep what an audit event tells; none for most. One that was kept before is passed over.</summary>
    public static IEnumerable<FormattableString> Statements(AuditEvent audit, DateTimeOffset now) => WebhookMapping.Of(audit, now).Select(Statement);

    /// <summary>The statement that keeps one event, if the tenant has an endpoint.</summary>
    public static FormattableString Statement(WebhookEvent happened)
    {
        // No delivery of it is made for an endpoint that comes later.
        FormattableString source = KeptForLater.Contains(happened.Type, StringComparer.Ordinal)
            ? (FormattableString)$"(SELECT MAX(1) FROM webhook_endpoints WHERE tenant_id = {happened.TenantId} AND url IS NOT NULL) FROM tenants WHERE id = {happened.TenantId}"
            : $"1 FROM webhook_endpoints WHERE tenant_id = {happened.TenantId} AND url IS NOT NULL LIMIT 1";
        return
            $"""
            INSERT INTO webhook_events (id, tenant_id, type, request_id, body, created_at, pending)
            SELECT {happened.Id}, {happened.TenantId}, {happened.Type}, {happened.RequestId}, {happened.Body()}, {happened.At}, {source}
            ON DUPLICATE KEY UPDATE webhook_events.id = webhook_events.id
            """;
    }
}
