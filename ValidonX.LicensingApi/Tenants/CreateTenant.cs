using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Compliance;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>What an operator asks for.</summary>
internal sealed record NewTenant(string Name, TenantSlug Slug, string Plan, string Region, EmailAddress OwnerEmail, string OwnerName)
{
    /// <summary>The codes of the rules that it is to be under.</summary>
    public IReadOnlyList<string> Compliance { get; init; } = [];
}

/// <summary>
/// Signs a tenant up: its row with its place, its owner, its provisioning run and job, and the audit event, all in one transaction.
/// </summary>
internal sealed class CreateTenant(StateChanges changes, ProvisioningRuns runs, IWakeup wakeup, TimeProvider time)
{
    private const string ServerClass = "shared";

    /// <summary>Signs it up, or says why not.</summary>
    /// <param name="tenant">What is asked for.</param>
    /// <param name="request">By whom.</param>
    /// <param name="refuse">What else may forbid it, asked first in the transaction.</param>
    public async Task<IResult> ExecuteAsync(
        NewTenant tenant, ChangeRequest<TenantWithRun> request, Func<DbTransaction, CancellationToken, Task<ApiError?>>? refuse = null)
    {
        IResult result;
        try
        {
            result = await changes.InPlatformAsync(request, async (transaction, token) =>
                refuse is not null && await refuse(transaction, token) is { } refusal ? (Changed<TenantWithRun>)refusal : await InsertAsync(transaction, tenant, request, token));
        }
        catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken))
        {
            return ApiResult.Error(SlugTaken(tenant.Slug));
        }

        wakeup.Signal(JobWorkers.WakeupChannel);
        return result;
    }

    private async Task<Changed<TenantWithRun>> InsertAsync(
        DbTransaction transaction, NewTenant request, ChangeRequest<TenantWithRun> change, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        if (await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            "SELECT 1 FROM tenants WHERE slug = @Value",
            new { request.Slug.Value },
            transaction,
            cancellationToken: cancellationToken)) is not null)
        {
            return await TakenAsync(transaction, request, cancellationToken);
        }

        // Sign-ups of a region choose one after the other: each sees where the ones before it went, so no server gets more than it takes.
        await connection.ExecuteAsync(new CommandDefinition(
            "SELECT name FROM database_servers WHERE region = @Region AND class = @ServerClass ORDER BY name FOR UPDATE",
            new { request.Region, ServerClass },
            transaction,
            cancellationToken: cancellationToken));
        if (await Placement.ChooseServerAsync(transaction, request.Region, ServerClass, cancellationToken) is not { } server)
        {
            return await NoRoomAsync(transaction, request.Region, cancellationToken);
        }

        var now = time.GetUtcNow();
        var tenantId = Guid.CreateVersion7(now);
        if (request.Compliance.Count > 0
            && await ComplianceStore.ApplyAsync(transaction, tenantId, request.Region, request.Compliance, "compliance", cancellationToken) is { } forbidden)
        {
            return forbidden;
        }

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
        var made = (await TenantQueries.FindAsync(connection, transaction, tenantId, cancellationToken))!;
        return new Changed<TenantWithRun>(made)
        {
            Stale = hadAccount ? [CacheKeys.Memberships(ownerId)] : [],
            Event = change.Audit.About("tenant", tenantId).Made(made.Tenant, LicensingJson.Default.ShownTenant) with { TenantId = tenantId },
        };
    }

    private static async Task<ApiError> NoRoomAsync(DbTransaction transaction, string region, CancellationToken cancellationToken)
    {
        var isKnown = await transaction.Connection!.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM database_servers WHERE region = @region)", new { region }, transaction, cancellationToken: cancellationToken));
        return isKnown
            ? ApiErrors.Unavailable with { Message = $"No database server of the region '{region}' has room for another tenant.", RetryAfterSeconds = 60 }
            : ApiErrors.ValidationFailed("region", "There is no such region.");
    }

    /// <summary>The slug may be this very request's, whose announcement got lost: what it owed its owner is made good for.</summary>
    private static async Task<Changed<TenantWithRun>> TakenAsync(DbTransaction transaction, NewTenant request, CancellationToken cancellationToken)
    {
        var owner = await transaction.Connection!.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
            """
            SELECT u.id FROM users u JOIN tenant_users m ON m.user_id = u.id JOIN tenants t ON t.id = m.tenant_id
            WHERE u.email = @email AND t.slug = @slug
            """,
            new { email = request.OwnerEmail.Value, slug = request.Slug.Value },
            transaction,
            cancellationToken: cancellationToken));
        return new Changed<TenantWithRun>(SlugTaken(request.Slug)) { Stale = owner is { } id ? [CacheKeys.Memberships(id)] : [] };
    }

    private static async Task<(Guid Id, bool HadAccount)> EnsureOwnerAsync(
        DbTransaction transaction, Guid tenantId, NewTenant request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var id = Guid.CreateVersion7(now);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO users (id, email, name, email_verified_at, created_at, updated_at) VALUES (@id, @email, @OwnerName, @now, @now, @now)
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
}
