using System.Collections.Immutable;

namespace ValidonX.Provisioner.Closing;

/// <summary>What becomes of each table of the platform database that names a tenant when the tenant is deleted.</summary>
internal static class PlatformRows
{
    /// <summary>The rows that go, in this order.</summary>
    public static ImmutableArray<OwnedRows> Deleted { get; } =
    [
        new("outbox_tenants"),
        new("tenant_hours"),
        new("alerts"),
        new("tenant_alert_thresholds"),
        new("webhook_attempts"),
        new("webhook_deliveries"),
        new("webhook_events"),
        new("webhook_endpoints"),
        new("domains"),
        new("api_keys"),
        new("rate_limit_overrides"),
        new("api_call_months"),
        new("feature_flags"),
        new("feature_flag_tenants"),
        new("tenant_compliance"),
        new("subscriptions"),
        new("billing_details"),
        new("stripe_customers"),
        new("stripe_checkouts"),
        new("tenant_sso"),
        new("invitations"),
        new("former_members"),
        new("idempotency_keys"),
        new("provisioning_stages", job => $"run_id IN (SELECT id FROM provisioning_runs WHERE tenant_id = {job.TenantId})"),
        new("provisioning_runs"),
        new("bulk_changes"),
        new("jobs", job => $"tenant_id = {job.TenantId} AND id <> {job.Id}"),
    ];

    /// <summary>The members' table, whose rows go together with accounts and tokens that are of no use without.</summary>
    public const string Members = "tenant_users";

    /// <summary>Who of them came by the tenant's single sign-on, whose rows go with the account; and the tokens that open the tenant alone, which go with those of the members.</summary>
    public static ImmutableArray<string> OfMembers { get; } = ["sso_subjects", "personal_access_tokens"];

    /// <summary>
    /// Tables whose rows stay: the account of what happened, the books, the closing itself. Rows of <c>job_queues</c> go when their tenant
    /// has had no work for long; those of <c>queue_claims</c> live within one transaction.
    /// </summary>
    public static ImmutableArray<string> Kept { get; } = ["audit_logs", "billing_credits", "invoices", "payments", "tenant_closings", "job_queues", "queue_claims"];
}
