using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Plans;
using ValidonX.LicensingApi.Tenants;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Onboarding;

/// <summary>Configuration section <c>Onboarding</c>.</summary>
internal sealed class OnboardingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Onboarding";

    /// <summary>Tenants that a user may own by signing them up, closed ones apart: each has a database of its own.</summary>
    [System.ComponentModel.DataAnnotations.Range(0, 10_000)]
    public int TenantsPerUser { get; set; } = 5;

    /// <summary>After which a stream of events says that it is still there.</summary>
    [System.ComponentModel.DataAnnotations.Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a watcher may take to take an event; then the connection is cut.</summary>
    [System.ComponentModel.DataAnnotations.Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan WatcherPatience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After which a stream ends although there is more to come: who still watches connects again by itself, who has gone without a word is let go.</summary>
    [System.ComponentModel.DataAnnotations.Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongestWatch { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>Signs up tenants that users own.</summary>
internal sealed class SignUp(PlatformDatabase platform, CreateTenant create, PlanCatalog catalog, IOptions<OnboardingOptions> options)
{
    /// <summary>409: the user owns enough tenants.</summary>
    public static ApiError TooMany { get; } = ApiErrors.Conflict("You own as many tenants as one user may sign up; close one first, or ask us.");

    /// <summary>Signs one up for a user, or says why not.</summary>
    public async Task<IResult> ExecuteAsync(Guid userId, SignUpRequest request, ChangeRequest<TenantWithRun> change)
    {
        await using var connection = await platform.OpenAsync(change.Aborted);
        var user = await connection.QuerySingleOrDefaultAsync<User>(new CommandDefinition(
            "SELECT email, name FROM users WHERE id = @userId",
            new { userId },
            cancellationToken: change.Aborted));
        if (user is null || !EmailAddress.TryParse(user.Email, out var email))
        {
            return ApiResult.Error(ApiErrors.Unauthenticated);
        }

        var plan = request.Plan ?? (await catalog.ReadAsync(change.Aborted)).Default!;
        var slug = request.Slug is { } own && TenantSlug.TryParse(own, out var parsed) ? parsed : TenantSlug.FromName(request.Name);
        return await create.ExecuteAsync(
            new NewTenant(request.Name, slug, plan, request.Region, email, user.Name),
            change,
            (transaction, token) => RefuseAsync(transaction, userId, token));
    }

    /// <summary>The user's role in a tenant, or <see langword="null"/>.</summary>
    public async Task<TenantRole?> RoleAsync(Guid tenantId, Guid userId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            "SELECT role FROM tenant_users WHERE tenant_id = @tenantId AND user_id = @userId",
            new { tenantId, userId },
            cancellationToken: cancellationToken)) is { } role
                ? StoredEnum.Parse<TenantRole>(role)
                : null;
    }

    /// <summary>Counted under the user's lock, so that a hundred calls at once sign up no more than one after the other.</summary>
    private async Task<ApiError?> RefuseAsync(DbTransaction transaction, Guid userId, CancellationToken cancellationToken)
    {
        if (await AccountLock.TakeAsync(transaction, AccountOwner.User(userId), with: null, cancellationToken) is null)
        {
            return ApiErrors.Unauthenticated;
        }

        var owned = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            """
            SELECT COUNT(*) FROM tenant_users m JOIN tenants t ON t.id = m.tenant_id
            WHERE m.user_id = @userId AND m.role = 'owner' AND t.status <> 'closed'
            """,
            new { userId },
            transaction,
            cancellationToken: cancellationToken));
        return owned >= options.Value.TenantsPerUser ? TooMany : null;
    }

    private sealed class User
    {
        public string Email { get; init; } = "";

        public string Name { get; init; } = "";
    }
}
