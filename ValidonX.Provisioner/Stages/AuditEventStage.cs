using System.Text.Json.Nodes;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 11: the audit event <c>TenantProvisioned</c>, once for each tenant.</summary>
internal sealed class AuditEventStage(AuditLog audit) : ProvisioningStageStep(ProvisioningStages.AuditEvent)
{
    public override Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var provisioned = new AuditEvent(RunEvents.TenantProvisioned, context.Tenant.Id)
        {
            SubjectType = "tenant",
            SubjectId = context.Tenant.Id.ToString(),
            Details = new JsonObject
            {
                ["plan"] = context.Tenant.PlanCode,
                ["server"] = context.Placement.ServerName,
                ["database"] = context.Placement.Database.Value,
            }.ToJsonString(),
            DedupeKey = $"{RunEvents.TenantProvisioned}:{context.Tenant.Id}",
        };
        context.WriteWithOutcome(audit.Statement(provisioned));
        return Task.CompletedTask;
    }
}
