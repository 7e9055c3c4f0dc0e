namespace ValidonX.Provisioner.Runs;

/// <summary>The audit events of provisioning runs.</summary>
internal static class StageEvents
{
    /// <summary>The events' subject type; the subject's id is the run's.</summary>
    public const string Subject = "provisioning_run";

    /// <summary>A stage is done.</summary>
    public const string Succeeded = "provisioning.stage_succeeded";

    /// <summary>An attempt at a stage failed.</summary>
    public const string Failed = "provisioning.stage_failed";

    /// <summary>An attempt at a stage ended with its worker.</summary>
    public const string Interrupted = "provisioning.stage_interrupted";

    /// <summary>The run has failed and waits for an operator.</summary>
    public const string RunFailed = "provisioning.run_failed";

    /// <summary>The tenant has all it needs; once for each tenant.</summary>
    public const string TenantProvisioned = "TenantProvisioned";
}
