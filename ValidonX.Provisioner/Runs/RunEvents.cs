using System.Text.Json.Nodes;
using ValidonX.Platform.Audit;

namespace ValidonX.Provisioner.Runs;

/// <summary>The audit events of provisioning runs.</summary>
internal static class RunEvents
{
    /// <summary>The events' subject type; the subject's id is the run's.</summary>
    public const string Subject = "provisioning_run";

    /// <summary>A stage is done.</summary>
    public const string StageSucceeded = "provisioning.stage_succeeded";

    /// <summary>An attempt at a stage failed.</summary>
    public const string StageFailed = "provisioning.stage_failed";

    /// <summary>An attempt at a stage ended with its worker.</summary>
    public const string StageInterrupted = "provisioning.stage_interrupted";

    /// <summary>The run has failed and waits for an operator.</summary>
    public const string RunFailed = "provisioning.run_failed";

    /// <summary>The tenant has all it needs; once for each tenant.</summary>
    public const string TenantProvisioned = "TenantProvisioned";

    /// <summary>An event about a run.</summary>
    public static AuditEvent Create(string action, Guid runId, Guid tenantId, JsonObject details) =>
        new(action, tenantId) { SubjectType = Subject, SubjectId = runId.ToString(), Details = details.ToJsonString() };
}
