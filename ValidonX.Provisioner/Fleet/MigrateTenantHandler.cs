using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Schema;
using ValidonX.Platform.Tenants;

namespace ValidonX.Provisioner.Fleet;

/// <summary>Runs the jobs of kind <c>migrate</c>.</summary>
internal sealed class MigrateTenantHandler(PlatformDatabase platform, DatabaseAdministration administration, SchemaMigrator migrator, TimeProvider time) : IJobHandler
{
    public string Kind => MigrateTenantJob.Kind;

    public async Task HandleAsync(JobLease lease, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var tenant = await connection.QuerySingleOrDefaultAsync<Tenant>(new CommandDefinition(
            $"SELECT {Tenant.Columns} FROM tenants WHERE id = @TenantId",
            new { lease.Job.TenantId },
            cancellationToken: cancellationToken));
        if (tenant?.Placement is not { } placement)
        {
            return;
        }

        int version;
        try
        {
            await using var schema = await administration.OpenTenantSchemaAsync(placement, cancellationToken);
            lease.ThrowIfLost();
            version = await migrator.MigrateAsync(schema, SchemaHistory.Tenant, SchemaScript.Tenant, cancellationToken);
        }
        catch (SchemaChangedException changed)
        {
            throw new JobFailedException("The tenant database's schema history does not match this version of the platform.", isPermanent: true, changed);
        }

        await lease.Write()
            .Add($"UPDATE tenants SET schema_version = {version}, updated_at = {time.GetUtcNow()} WHERE id = {tenant.Id}")
            .ExecuteAsync(connection, cancellationToken);
    }

    public void RecordFailure(LeasedWrites writes, Job job, JobFailure failure)
    {
        // The tenant's row still says that it is behind, which is all there is to say.
    }
}
