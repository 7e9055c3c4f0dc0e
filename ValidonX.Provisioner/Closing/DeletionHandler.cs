using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Tenants;
using ValidonX.Provisioner.Outbox;
using ValidonX.Provisioner.Upkeep;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Provisioner.Closing;

/// <summary>
/// Runs the jobs of kind <c>delete_tenant</c>: drops a closed tenant's database and role and deletes its rows. Every step finds out by itself
/// what is left to do, so an attempt that was cut off anywhere is followed by one that ends it.
/// </summary>
internal sealed class DeletionHandler(
    PlatformDatabase platform,
    DatabaseAdministration administration,
    TenantDatabaseRemoval database,
    PlatformRowRemoval rows,
    TenantDrain drain,
    ICoherence coherence,
    AuditLog audit,
    IEnumerable<IDeletionObserver> observers,
    IOptions<RetentionOptions> retention,
    TimeProvider time) : IJobHandler
{
    /// <summary>The jobs' kind.</summary>
    public const string JobKind = "delete_tenant";

    /// <summary>With the default pauses, some hours; then <see cref="DueDeletions"/> begins a new job.</summary>
    public const int MaximumAttempts = 50;

    private readonly IDeletionObserver[] _observers = [.. observers];

    public string Kind => JobKind;

    public async Task HandleAsync(JobLease lease, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        if (await FindAsync(connection, lease.Job.TenantId, cancellationToken) is not { } tenant)
        {
            // Deleted already, in service again, or closed for a shorter time than is now asked for.
            return;
        }

        TenantTelemetry.Tag(System.Diagnostics.Activity.Current, tenant.Id.ToString(), tenant.Slug, tenant.PlanCode);
        await RecordAsync(connection, lease, ClosingEvents.Create(ClosingEvents.DeletionStarted, tenant.Id), cancellationToken);
        if (tenant is { ServerName: { } server, DatabaseName: { } name })
        {
            await DropDatabaseAsync(connection, lease, server, name, cancellationToken);
        }

        foreach (var owned in PlatformRows.Deleted)
        {
            await PlatformRowRemoval.DeleteAsync(connection, lease, owned, cancellationToken);
            Done(tenant.Id, owned.Table);
        }

        await rows.DeleteMembersAsync(connection, lease, cancellationToken);
        Done(tenant.Id, "members");
        await coherence.InvalidateAsync([Invalidation.OfTenant(tenant.Id)], cancellationToken);
        await lease.Write()
            .Add($"UPDATE tenant_closings SET deleted_at = {time.GetUtcNow()} WHERE tenant_id = {tenant.Id}")
            .Add(audit.Statement(ClosingEvents.Create(ClosingEvents.Deleted, tenant.Id)))
            .ExecuteAsync(connection, cancellationToken);
    }

    public void RecordFailure(LeasedWrites writes, Job job, JobFailure failure)
    {
        // The job's own row tells it.
    }

    private async Task DropDatabaseAsync(DbConnection connection, JobLease lease, string server, string name, CancellationToken cancellationToken)
    {
        if (!DatabaseName.TryParse(name, out var parsed))
        {
            throw new JobFailedException("The tenant's database has a name that is not allowed; it is left alone.");
        }

        if (!administration.Knows(server))
        {
            throw new JobFailedException("The tenant's database server is not among those that this provisioner is configured with.");
        }

        var tenantId = lease.Job.TenantId;
        var placement = new TenantPlacement(tenantId, server, parsed);
        try
        {
            await DrainAsync(placement, cancellationToken);
            lease.ThrowIfLost();
            await database.DropRoleAsync(placement, cancellationToken);
            Done(tenantId, "role");
            lease.ThrowIfLost();
            while (await database.DropOneTableAsync(placement, cancellationToken))
            {
                Done(tenantId, "table");
                lease.ThrowIfLost();
            }

            await database.DropDatabaseAsync(placement, cancellationToken);
            Done(tenantId, "database");
        }
        catch (Exception failure) when (DatabaseError.IsUnavailable(failure))
        {
            throw new JobFailedException("The tenant's database server does not answer.", inner: failure);
        }

        var details = new JsonObject { ["server"] = server, ["database"] = name }.ToJsonString();
        await lease.Write()
            .Add(
                $"""
                UPDATE tenants SET server_name = NULL, database_name = NULL, schema_version = 0, updated_at = {time.GetUtcNow()} WHERE id = {tenantId}
                """)
            .Add(audit.Statement(ClosingEvents.Create(ClosingEvents.DatabaseDropped, tenantId, details)))
            .ExecuteAsync(connection, cancellationToken);
        Done(tenantId, "placement");
    }

    /// <summary>What the tenant's database still has to tell the audit log, before it is gone.</summary>
    private async Task DrainAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        try
        {
            while (await drain.DrainAsync(placement, cancellationToken))
            {
                // As many events at a time as it takes.
            }
        }
        catch (DbException gone) when (DatabaseError.IsUnknownRole(gone) || DatabaseError.IsUnknownDatabase(gone) || DatabaseError.IsUnknownTable(gone))
        {
            // Never made, or an earlier attempt was here already.
        }
    }

    private Task<Tenant?> FindAsync(DbConnection connection, Guid tenantId, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<Tenant?>(new CommandDefinition(
            $"""
            SELECT {Tenant.Columns} FROM tenants
            WHERE id = @tenantId AND status = @Closed
              AND EXISTS (SELECT 1 FROM tenant_closings c WHERE c.tenant_id = tenants.id AND c.deleted_at IS NULL AND c.closed_at <= @before)
            """,
            new { tenantId, TenantStatus.Closed, before = time.GetUtcNow() - retention.Value.KeepClosedTenants },
            cancellationToken: cancellationToken));

    private Task RecordAsync(DbConnection connection, JobLease lease, AuditEvent told, CancellationToken cancellationToken) =>
        lease.Write().Add(audit.Statement(told)).ExecuteAsync(connection, cancellationToken);

    private void Done(Guid tenantId, string step)
    {
        foreach (var observer in _observers)
        {
            observer.Done(tenantId, step);
        }
    }
}
