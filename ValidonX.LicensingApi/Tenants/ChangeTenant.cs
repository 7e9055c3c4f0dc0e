using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>
/// Changes a tenant. When it returns, every replica of every service acts accordingly. A change to the state that the tenant is in
/// already succeeds and changes nothing.
/// </summary>
internal sealed class ChangeTenant(PlatformDatabase platform, AuditLog auditLog, ICoherence coherence, IWakeup wakeup, TimeProvider time)
{
    /// <summary>Takes an active tenant out of service.</summary>
    public Task<Outcome<Tenant>> SuspendAsync(Guid id, AuditEvent audit, CancellationToken cancellationToken) =>
        MoveAsync(id, [TenantStatus.Active], TenantStatus.Suspended, audit, cancellationToken);

    /// <summary>Puts a suspended tenant back into service.</summary>
    public Task<Outcome<Tenant>> ReactivateAsync(Guid id, AuditEvent audit, CancellationToken cancellationToken) =>
        MoveAsync(id, [TenantStatus.Suspended], TenantStatus.Active, audit, cancellationToken);

    /// <summary>Ends a tenant for good. Its data stays until it is deleted.</summary>
    public Task<Outcome<Tenant>> CloseAsync(Guid id, AuditEvent audit, CancellationToken cancellationToken) =>
        MoveAsync(id, [TenantStatus.Active, TenantStatus.Suspended], TenantStatus.Closed, audit, cancellationToken);

    /// <summary>Tries a failed provisioning again, from the first stage that is not done.</summary>
    public async Task<Outcome<Tenant>> ProvisionAsync(Guid id, AuditEvent audit, CancellationToken cancellationToken)
    {
        var outcome = await platform.TransactAsync<Outcome<Tenant>>(
            async (transaction, token) =>
            {
                if (await TenantQueries.LockAsync(transaction, id, token) is not { } tenant)
                {
                    return ApiErrors.TenantNotFound;
                }

                if (tenant.Status != TenantStatus.Provisioning || !await ProvisioningRuns.RetryAsync(transaction, id, token))
                {
                    return ApiErrors.Conflict("Only a tenant whose provisioning has failed can be provisioned again.");
                }

                await auditLog.WriteAsync(transaction, OfTenant(audit, id), token);
                return tenant;
            },
            cancellationToken);
        if (outcome.Value is not null)
        {
            wakeup.Signal(JobWorkers.WakeupChannel);
        }

        return outcome;
    }

    /// <summary>Gives it another name or another pool of licensing APIs.</summary>
    /// <param name="id">The tenant.</param>
    /// <param name="change">What the row is to be.</param>
    /// <param name="audit">Who does it.</param>
    /// <param name="cancellationToken">Gives up before the commit.</param>
    public async Task<Outcome<Tenant>> UpdateAsync(Guid id, Func<Tenant, Tenant> change, AuditEvent audit, CancellationToken cancellationToken)
    {
        var outcome = await platform.TransactAsync<Outcome<Tenant>>(
            async (transaction, token) =>
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
                await auditLog.WriteAsync(transaction, OfTenant(audit, id), token);
                return changed;
            },
            cancellationToken);
        return await AnnouncedAsync(outcome);
    }

    private async Task<Outcome<Tenant>> MoveAsync(Guid id, IReadOnlyList<string> from, string to, AuditEvent audit, CancellationToken cancellationToken)
    {
        var outcome = await platform.TransactAsync<Outcome<Tenant>>(
            async (transaction, token) =>
            {
                if (await TenantQueries.LockAsync(transaction, id, token) is not { } tenant)
                {
                    return ApiErrors.TenantNotFound;
                }

                if (tenant.Status == to)
                {
                    return tenant;
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
                await auditLog.WriteAsync(transaction, OfTenant(audit, id), token);
                return tenant with { Status = to };
            },
            cancellationToken);
        return await AnnouncedAsync(outcome);
    }

    /// <summary>Also when nothing changed: an earlier call may have died between its commit and this.</summary>
    private async Task<Outcome<Tenant>> AnnouncedAsync(Outcome<Tenant> outcome)
    {
        if (outcome.Value is { } tenant)
        {
            await coherence.InvalidateAsync([Invalidation.OfTenant(tenant.Id)], CancellationToken.None);
        }

        return outcome;
    }

    private static AuditEvent OfTenant(AuditEvent audit, Guid id) => audit with { SubjectType = "tenant", SubjectId = id.ToString() };
}
