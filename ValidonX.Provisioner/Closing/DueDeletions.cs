using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Tenants;
using ValidonX.Provisioner.Upkeep;

namespace ValidonX.Provisioner.Closing;

/// <summary>Makes the jobs that delete tenants which have been closed for long enough.</summary>
internal sealed class DueDeletions(PlatformDatabase platform, IWakeup wakeup, IOptions<RetentionOptions> retention, TimeProvider time)
{
    private const int AtOnce = 100;

    /// <summary>Makes the jobs that are due now; a job that has failed for good is followed by another.</summary>
    public async Task EnqueueAsync(CancellationToken cancellationToken)
    {
        foreach (var tenantId in await FindAsync(cancellationToken))
        {
            await platform.TransactAsync(
                async (transaction, token) =>
                {
                    // Under the lock of the tenant's row, so that of several provisioners one makes the job.
                    var status = await transaction.Connection!.QuerySingleAsync<string>(new CommandDefinition(
                        "SELECT status FROM tenants WHERE id = @tenantId FOR UPDATE",
                        new { tenantId },
                        transaction,
                        cancellationToken: token));
                    var isDue = await transaction.Connection!.ExecuteScalarAsync<bool>(new CommandDefinition(
                        $"SELECT EXISTS (SELECT 1 FROM tenant_closings c WHERE c.tenant_id = @tenantId AND {Due})",
                        new { tenantId, before = Before },
                        transaction,
                        cancellationToken: token));
                    if (!isDue)
                    {
                        return;
                    }

                    if (status != TenantStatus.Closed)
                    {
                        // Somebody has put it back into service by hand.
                        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                            "DELETE FROM tenant_closings WHERE tenant_id = @tenantId", new { tenantId }, transaction, cancellationToken: token));
                        return;
                    }

                    var jobId = await JobQueue.EnqueueAsync(
                        transaction, tenantId, DeletionHandler.JobKind, "{}", DeletionHandler.MaximumAttempts, token);
                    await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                        "UPDATE tenant_closings SET job_id = @jobId WHERE tenant_id = @tenantId",
                        new { jobId, tenantId },
                        transaction,
                        cancellationToken: token));
                },
                cancellationToken);
            wakeup.Signal(JobWorkers.WakeupChannel);
        }
    }

    private const string Due =
        """
        c.deleted_at IS NULL AND c.closed_at <= @before
          AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = c.job_id AND j.due_at IS NOT NULL)
        """;

    private DateTimeOffset Before => time.GetUtcNow() - retention.Value.KeepClosedTenants;

    private async Task<IReadOnlyList<Guid>> FindAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<Guid>(new CommandDefinition(
            $"SELECT c.tenant_id FROM tenant_closings c WHERE {Due} ORDER BY c.closed_at LIMIT @AtOnce",
            new { before = Before, AtOnce },
            cancellationToken: cancellationToken))).AsList();
    }
}
