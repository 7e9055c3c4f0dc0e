using Dapper;
using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Members;

/// <summary>An invitation as who is invited sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TenantName">What the tenant is called.</param>
/// <param name="TenantSlug">The tenant's short name.</param>
/// <param name="Role">What the member will be allowed.</param>
/// <param name="ExpiresAt">Until when it can be accepted.</param>
/// <param name="CreatedAt">When it was sent first.</param>
internal sealed record ShownInvitation(
    Guid Id, string TenantName, string TenantSlug, [property: Words("viewer", "developer", "admin", "owner")] string Role, DateTimeOffset ExpiresAt, DateTimeOffset CreatedAt);

/// <summary>One membership.</summary>
internal sealed record MembershipAnswer(ShownMembership Tenant);

/// <summary>Reads the invitations to a user's proved address.</summary>
internal sealed class InvitationQueries(PlatformDatabase platform, TimeProvider time)
{
    /// <summary>One page of those that can be accepted, newest first.</summary>
    public async Task<(IReadOnlyList<ShownInvitation> Items, string? NextCursor)> ListAsync(Guid userId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<ShownInvitation>(new CommandDefinition(
            $"""
            SELECT i.id, t.name AS tenant_name, t.slug AS tenant_slug, i.role, i.expires_at, i.created_at
            FROM users u JOIN invitations i ON i.email = u.email JOIN tenants t ON t.id = i.tenant_id
            WHERE u.id = @userId AND u.email_verified_at IS NOT NULL AND i.open_marker = 1 AND i.expires_at > @now AND t.status <> '{TenantStatus.Closed}'
              {(page.Before is null ? "" : "AND i.id < @Before")}
            ORDER BY i.id DESC LIMIT @take
            """,
            new { userId, now = time.GetUtcNow(), page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, row => row.Id);
    }
}
