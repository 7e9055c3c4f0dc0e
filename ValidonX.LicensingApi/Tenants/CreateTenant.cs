using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>What an operator asks for.</summary>
internal sealed record NewTenant(string Name, TenantSlug Slug, string Plan, string Region, EmailAddress OwnerEmail, string OwnerName);

/// <summary>
/// Signs a tenant up: its row with its place, its owner, its provisioning run and job, and the audit event, all in one transaction.
/// </summary>
internal sealed class CreateTenant(
    PlatformDatabase platform,
    ProvisioningRuns runs,
    TenantQueries tenants,
    AuditLog auditLog,
    ICoherence coherence,
    IWakeup wakeup,
    TimeProvider time)
{
    private const string ServerClass = "shared";

    /// <summary>Signs it up, or says why not.</summary>
    public async Task<Outcome<TenantWithRun>> ExecuteAsync(NewTenant request, AuditEvent audit, CancellationToken cancellationToken)
    {
        Outcome<Created> outcome;
        try
        {
            outcome = await platform.TransactAsync((transaction, token) => InsertAsync(transaction, request, audit, token), cancellationToken);
        }
        catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken))
        {
            return SlugTaken(request.Slug);
        }

        if (outcome.Value is not { } created)
        {
            return outcome.Refusal!;
        }

        wakeup.Signal(JobWorkers.WakeupChannel);
        if (created.OwnerHadAccount)
        {
            await coherence.InvalidateAsync([CacheKeys.Memberships(created.OwnerId)], CancellationToken.None);
        }

        return (await tenants.FindAsync(created.TenantId, CancellationToken.None))!;
    }

    private async Task<Outcome<Created>> InsertAsync(DbTransaction transaction, NewTenant request, AuditEvent audit, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        if (await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            "SELECT 1 FROM tenants WHERE slug = @Value",
            new { request.Slug.Value },
            transaction,
            cancellationToken: cancellationToken)) is not null)
        {
            return SlugTaken(request.Slug);
        }

        // Sign-ups of a region choose one after the other: each sees where the ones before it went, so no server gets more than it takes.
        await connection.ExecuteAsync(new CommandDefinition(
            "SELECT name FROM database_servers WHERE region = @Region AND class = @ServerClass ORDER BY name FOR UPDATE",
            new { request.Region, ServerClass },
            transaction,
            cancellationToken: cancellationToken));
        if (await Placement.ChooseServerAsync(transaction, request.Region, ServerClass, cancellationToken) is not { } server)
        {
            return ApiErrors.Unavailable with { Message = $"No database server of the region '{request.Region}' has room for another tenant.", RetryAfterSeconds = 60 };
        }

        var now = time.GetUtcNow();
        var tenantId = Guid.CreateVersion7(now);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO tenants (id, name, slug, status, plan_code, region, server_name, database_name, created_at, updated_at)
            VALUES (@tenantId, @Name, @slug, @status, @Plan, @Region, @server, @database, @now, @now)
            """,
            new
            {
                tenantId,
                request.Name,
                slug = request.Slug.Value,
                status = TenantStatus.Provisioning,
                request.Plan,
                request.Region,
                server,
                database = DatabaseName.Create(request.Slug).Value,
                now,
            },
            transaction,
            cancellationToken: cancellationToken));
        var (ownerId, hadAccount) = await EnsureOwnerAsync(transaction, tenantId, request, now, cancellationToken);
        await runs.BeginAsync(transaction, tenantId, cancellationToken);
        await auditLog.WriteAsync(transaction, audit with { TenantId = tenantId, SubjectType = "tenant", SubjectId = tenantId.ToString() }, cancellationToken);
        return new Created(tenantId, ownerId, hadAccount);
    }

    private static async Task<(Guid Id, bool HadAccount)> EnsureOwnerAsync(
        DbTransaction transaction, Guid tenantId, NewTenant request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var id = Guid.CreateVersion7(now);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@id, @email, @OwnerName, @now, @now)
            ON DUPLICATE KEY UPDATE updated_at = updated_at
            """,
            new { id, email = request.OwnerEmail.Value, request.OwnerName, now },
            transaction,
            cancellationToken: cancellationToken));
        var ownerId = await connection.QuerySingleAsync<Guid>(new CommandDefinition(
            "SELECT id FROM users WHERE email = @email",
            new { email = request.OwnerEmail.Value },
            transaction,
            cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@tenantId, @ownerId, 'owner', @now)",
            new { tenantId, ownerId, now },
            transaction,
            cancellationToken: cancellationToken));
        return (ownerId, ownerId != id);
    }

    private static ApiError SlugTaken(TenantSlug slug) => ApiErrors.Conflict($"The slug '{slug.Value}' is taken.");

    private sealed record Created(Guid TenantId, Guid OwnerId, bool OwnerHadAccount);
}
