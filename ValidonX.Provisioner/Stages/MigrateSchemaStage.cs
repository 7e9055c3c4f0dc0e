using ValidonX.Platform.Databases;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Schema;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>Stage 3: the tables of the tenant's database, by its schema scripts, and the version noted in the tenant's row.</summary>
internal sealed class MigrateSchemaStage(DatabaseAdministration administration, SchemaMigrator migrator, TimeProvider time)
    : ProvisioningStageStep(ProvisioningStages.MigrateSchema)
{
    public override async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        await using var connection = await administration.OpenTenantSchemaAsync(context.Placement, cancellationToken);
        var version = await migrator.MigrateAsync(connection, SchemaHistory.Tenant, SchemaScript.Tenant, cancellationToken);
        context.WriteWithOutcome(
            $"UPDATE tenants SET schema_version = {version}, updated_at = {time.GetUtcNow()} WHERE id = {context.Tenant.Id}");
    }
}
