using ValidonX.Platform.Databases;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 2: the tenant's database, its role, the role's rights there, and the service account's membership in it.</summary>
internal sealed class CreateDatabaseStage(DatabaseAdministration administration) : ProvisioningStageStep(ProvisioningStages.CreateDatabase)
{
    public override Task ExecuteAsync(StageContext context, CancellationToken cancellationToken) =>
        administration.EnsureTenantDatabaseAsync(context.Placement, cancellationToken);
}
