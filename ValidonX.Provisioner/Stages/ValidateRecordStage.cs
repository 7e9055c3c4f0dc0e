using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Tenants;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>
/// Stage 1: the tenant's row is one that can be provisioned, and names a place for its data, which this stage chooses when whoever
/// wrote the row has not.
/// </summary>
internal sealed class ValidateRecordStage(PlatformDatabase platform, DatabaseAdministration administration, TimeProvider time)
    : ProvisioningStageStep(ProvisioningStages.ValidateRecord)
{
    private const string ServerClass = "shared";

    public override async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Tenant;
        if (tenant.Status == TenantStatus.Closed)
        {
            throw new JobFailedException("the tenant is closed.", isPermanent: true);
        }

        if (!TenantSlug.TryParse(tenant.Slug, out var slug))
        {
            throw new JobFailedException("the tenant's slug is not valid.", isPermanent: true);
        }

        var limits = await context.Platform.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM plan_entitlements WHERE plan_code = @PlanCode",
            new { tenant.PlanCode },
            cancellationToken: cancellationToken));
        if (limits == 0)
        {
            throw new JobFailedException("the tenant's plan has no entitlements.");
        }

        if (tenant.ServerName is null || tenant.DatabaseName is null)
        {
            await PlaceAsync(context, slug, cancellationToken);
        }
        else if (!DatabaseName.TryParse(tenant.DatabaseName, out _))
        {
            throw new JobFailedException("the tenant's database has a name that is not allowed.", isPermanent: true);
        }

        if (!administration.Knows(context.Placement.ServerName))
        {
            throw new JobFailedException("the tenant's database server is not among those that this provisioner is configured with.");
        }
    }

    private async Task PlaceAsync(StageContext context, TenantSlug slug, CancellationToken cancellationToken)
    {
        var tenant = context.Tenant;
        var server = await platform.TransactAsync(
            (transaction, token) => Placement.ChooseServerAsync(transaction, tenant.Region, ServerClass, token), cancellationToken)
            ?? throw new JobFailedException("no database server of the tenant's region has room.");
        var database = DatabaseName.Create(slug).Value;
        context.Tenant = tenant with { ServerName = server, DatabaseName = database };
        context.WriteWithOutcome(
            $"UPDATE tenants SET server_name = {server}, database_name = {database}, updated_at = {time.GetUtcNow()} WHERE id = {tenant.Id}");
    }
}
