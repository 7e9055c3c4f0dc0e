using Dapper;
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
        context.WriteWithOutcome((transaction, token) => transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE tenants SET schema_version = @version, updated_at = @now WHERE id = @Id",
            new { version, context.Tenant.Id, now = time.GetUtcNow() },
            transaction,
            cancellationToken: token)));
    }
}
