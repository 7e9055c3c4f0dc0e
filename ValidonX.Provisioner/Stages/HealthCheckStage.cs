using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Schema;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Provisioner.Stages;

/// <summary>
/// Stage 12: the tenant works, seen as the licensing API will see it: its scope opens for the service account, its schema is the newest,
/// its counters can be read and written, its limits and its key are there. With it the tenant is active, and its owner is told so.
/// </summary>
internal sealed class HealthCheckStage(TenantDatabases databases, ReadyMail mail) : ProvisioningStageStep(ProvisioningStages.HealthCheck)
{
    public override async Task ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        await using (var scope = await databases.OpenAsync(context.Placement, cancellationToken))
        {
            var (version, limits, counters) = await scope.Connection.QuerySingleAsync<(int, int, int)>(new CommandDefinition(
                """
                UPDATE usage_counters SET used = used WHERE license_id = '';
                SELECT (SELECT MAX(number) FROM schema_migrations),
                       (SELECT COUNT(*) FROM entitlements WHERE license_id = ''),
                       (SELECT COUNT(*) FROM usage_counters WHERE license_id = '')
                """,
                cancellationToken: cancellationToken));
            Require(version == SchemaScript.TenantVersion, "the tenant database has another schema version.");
            Require(limits > 0, "the tenant database holds no entitlements.");
            Require(counters >= UsageCountersStage.Counters, "the tenant database lacks usage counters.");
        }

        var keys = await context.Platform.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COUNT(*) FROM api_keys WHERE tenant_id = @Id AND provisioned = 1",
            new { context.Tenant.Id },
            cancellationToken: cancellationToken));
        Require(keys == 1, "the tenant has no API key.");
        foreach (var statement in await mail.StatementsAsync(context.Platform, context.Tenant, cancellationToken))
        {
            context.WriteWithOutcome(statement);
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new JobFailedException(otherwise);
        }
    }
}
