using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>
/// Changes a tenant. When it returns, every replica of every service acts accordingly. A change to the state that the tenant is in
/// already succeeds and changes nothing.
/// </summary>
internal sealed class ChangeTenant(StateChanges changes, ProvisioningRuns runs, IWakeup wakeup, TimeProvider time)
{
    private const string SubjectType = "tenant";

    /// <summary>Takes an active tenant out of service.</summary>
    public Task<IResult> SuspendAsync(Guid id, ChangeRequest<Tenant> request) => MoveAsync(id, [TenantStatus.Active], TenantStatus.Suspended, request);

    /// <summary>Puts a suspended tenant back into service.</summary>
    public Task<IResult> ReactivateAsync(Guid id, ChangeRequest<Tenant> request) => MoveAsync(id, [TenantStatus.Suspended], TenantStatus.Active, request);

    /// <summary>
    /// Ends a tenant for good, whatever it is at; a provisioning that has not succeeded ends with it. Its data stays for the provisioner to
    /// delete when it has been closed for long enough.
    /// </summary>
    public Task<IResult> CloseAsync(Guid id, ChangeRequest<Tenant> request) =>
        MoveAsync(
            id,
            [TenantStatus.Provisioning, TenantStatus.Active, TenantStatus.Suspended],
            TenantStatus.Closed,
            request,
            async (transaction, token) =>
            {
                await runs.EndAsync(transaction, id, "The tenant was closed.", token);
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    """
                    INSERT INTO tenant_closings (tenant_id, closed_at) VALUES (@id, @now)
                    ON DUPLICATE KEY UPDATE closed_at = @now, job_id = NULL, deleted_at = NULL
                    """,
                    new { id, now = time.GetUtcNow() },
                    transaction,
                    cancellationToken: token));
            });

    /// <summary>Tries a failed provisioning again, from the first stage that is not done.</summary>
    public async Task<IResult> ProvisionAsync(Guid id, ChangeRequest<TenantWithRun> request)
    {
        var result = await changes.InPlatformAsync<TenantWithRun>(request, async (transaction, token) =>
        {
            if (await TenantQueries.LockAsync(transaction, id, token) is not { } tenant)
            {
                return ApiErrors.TenantNotFound;
            }

            if (tenant.Status != TenantStatus.Provisioning || !await ProvisioningRuns.RetryAsync(transaction, id, token))
            {
                return ApiErrors.Conflict("Only a tenant whose provisioning has failed can be provisioned again.");
            }

            return new Changed<TenantWithRun>((await TenantQueries.FindAsync(transaction.Connection!, transaction, id, token))!)
            {
                Event = request.Audit.About(SubjectType, id).Moved("run", RunStatus.Failed, RunStatus.Pending),
            };
        });
        wakeup.Signal(JobWorkers.WakeupChannel);
        return result;
    }

    /// <summary>Gives it another name or another pool of licensing APIs.</summary>
    /// <param name="id">The tenant.</param>
    /// <param name="change">What the row is to be.</param>
    /// <param name="request">Who does it.</param>
    public Task<IResult> UpdateAsync(Guid id, Func<Tenant, Tenant> change, ChangeRequest<Tenant> request) =>
        changes.InPlatformAsync<Tenant>(request, async (transaction, token) =>
        {
            if (await TenantQueries.LockAsync(transaction, id, token) is not { } tenant)
            {
                return ApiErrors.TenantNotFound;
            }

            var changed = change(tenant);
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE tenants SET name = @Name, cluster = @Cluster, updated_at = @now WHERE id = @id",
                new { changed.Name, changed.Cluster, now = time.GetUtcNow(), id },
                transaction,
                cancellationToken: token));
            return new Changed<Tenant>(changed) { Stale = [Invalidation.OfTenant(id)], Event = Changed(request, tenant, changed) };
        });

    private Task<IResult> MoveAsync(
        Guid id, IReadOnlyList<string> from, string to, ChangeRequest<Tenant> request, Func<DbTransaction, CancellationToken, Task>? alongside = null) =>
        changes.InPlatformAsync<Tenant>(request, async (transaction, token) =>
        {
            if (await TenantQueries.LockAsync(transaction, id, token) is not { } tenant)
            {
                return ApiErrors.TenantNotFound;
            }

            var moved = new Changed<Tenant>(tenant with { Status = to }) { Stale = [Invalidation.OfTenant(id)] };
            if (tenant.Status == to)
            {
                return moved;
            }

            if (!from.Contains(tenant.Status, StringComparer.Ordinal))
            {
                return ApiErrors.Conflict($"A tenant that is {tenant.Status} cannot become {to}.");
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE tenants SET status = @to, updated_at = @now WHERE id = @id",
                new { to, now = time.GetUtcNow(), id },
                transaction,
                cancellationToken: token));
            if (alongside is not null)
            {
                await alongside(transaction, token);
            }

            return moved with { Event = Changed(request, tenant, tenant with { Status = to }) };
        });

    private static AuditEvent Changed(ChangeRequest<Tenant> request, Tenant from, Tenant to) =>
        request.Audit.About(SubjectType, from.Id).Changed(ShownTenant.Of(from), ShownTenant.Of(to), LicensingJson.Default.ShownTenant);
}
