using System.Collections.Immutable;

namespace ValidonX.Platform.Provisioning;

/// <summary>The names of the twelve stages of a run in their order (DESIGN §4); a stage's number is its place, from 1.</summary>
public static class ProvisioningStages
{
    public const string ValidateRecord = "validate_record";
    public const string CreateDatabase = "create_database";
    public const string MigrateSchema = "migrate_schema";
    public const string Settings = "settings";
    public const string Subscription = "subscription";
    public const string Entitlements = "entitlements";
    public const string UsageCounters = "usage_counters";
    public const string Branding = "branding";
    public const string ApiKey = "api_key";
    public const string WebhookPlaceholder = "webhook_placeholder";
    public const string AuditEvent = "audit_event";
    public const string HealthCheck = "health_check";

    /// <summary>All of them in order.</summary>
    public static ImmutableArray<string> InOrder { get; } =
    [
        ValidateRecord, CreateDatabase, MigrateSchema, Settings, Subscription, Entitlements,
        UsageCounters, Branding, ApiKey, WebhookPlaceholder, AuditEvent, HealthCheck,
    ];
}
