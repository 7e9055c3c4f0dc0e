using ValidonX.Platform.Audit;

namespace ValidonX.Provisioner.Closing;

/// <summary>The audit events of a closed tenant's deletion, each once for each tenant.</summary>
internal static class ClosingEvents
{
    /// <summary>The deletion has begun; from here on the data cannot be had back.</summary>
    public const string DeletionStarted = "tenant.deletion_started";

    /// <summary>The tenant's database, role and grants are gone from its server.</summary>
    public const string DatabaseDropped = "tenant.database_dropped";

    /// <summary>All is gone that goes.</summary>
    public const string Deleted = "tenant.deleted";

    /// <summary>An event about the tenant.</summary>
    public static AuditEvent Create(string action, Guid tenantId, string details = "{}") =>
        new(action, tenantId) { SubjectType = "tenant", SubjectId = tenantId.ToString(), Details = details, DedupeKey = $"{action}:{tenantId}" };
}
