using System.Collections.Immutable;

namespace ValidonX.Provisioner.Closing;

/// <summary>What becomes of each table of the platform database that names a tenant when the tenant is deleted.</summary>
internal static class PlatformRows
{
    private const string OfTenant = "tenant_id = {0}";

    /// <summary>Tables whose rows of the tenant go, in this order, with the condition that finds them; <c>{0}</c> is the tenant's id, <c>{1}</c> the deletion's job.</summary>
    public static ImmutableArray<(string Table, string Condition)> Deleted { get; } =
    [
        ("outbox_tenants", OfTenant),
        ("webhook_deliveries", OfTenant),
        ("webhook_endpoints", OfTenant),
        ("domains", OfTenant),
        ("api_keys", OfTenant),
        ("rate_limit_overrides", OfTenant),
        ("api_call_months", OfTenant),
        ("feature_flags", OfTenant),
        ("subscriptions", OfTenant),
        ("idempotency_keys", OfTenant),
        ("provisioning_stages", "run_id IN (SELECT id FROM provisioning_runs WHERE tenant_id = {0})"),
        ("provisioning_runs", OfTenant),
        ("jobs", "tenant_id = {0} AND id <> {1}"),
    ];

    /// <summary>The members' table, whose rows go together with accounts and tokens that are of no use without.</summary>
    public const string Members = "tenant_users";

    /// <summary>
    /// Tables whose rows stay: the account of what happened, the books, the closing itself. Rows of <c>job_queues</c> go when their tenant
    /// has had no work for long; those of <c>queue_claims</c> live within one transaction.
    /// </summary>
    public static ImmutableArray<string> Kept { get; } = ["audit_logs", "invoices", "tenant_closings", "job_queues", "queue_claims"];
}
