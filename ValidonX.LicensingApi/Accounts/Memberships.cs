using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>A tenant that a user belongs to.</summary>
/// <param name="Id">The tenant's id.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Slug">Its short name.</param>
/// <param name="Status">Whether it is in service.</param>
/// <param name="Role">What the user may do there.</param>
internal sealed record ShownMembership(
    Guid Id,
    string Name,
    string Slug,
    [property: Words(TenantStatus.Provisioning, TenantStatus.Active, TenantStatus.Suspended, TenantStatus.Closed)] string Status,
    [property: Words("viewer", "developer", "admin", "owner")] string Role);

/// <summary>Reads the tenants of a user, newest first.</summary>
internal static class Memberships
{
    private const string Select =
        "SELECT t.id, t.name, t.slug, t.status, m.role FROM tenant_users m JOIN tenants t ON t.id = m.tenant_id WHERE m.user_id = @userId";

    /// <summary>All of them.</summary>
    public static async Task<IReadOnlyList<ShownMembership>> AllAsync(DbConnection connection, DbTransaction? transaction, Guid userId, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<ShownMembership>(new CommandDefinition(
            $"{Select} ORDER BY t.id DESC", new { userId }, transaction, cancellationToken: cancellationToken))).AsList();

    /// <summary>One of them.</summary>
    public static Task<ShownMembership?> FindAsync(DbConnection connection, DbTransaction? transaction, Guid userId, Guid tenantId, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<ShownMembership?>(new CommandDefinition(
            $"{Select} AND t.id = @tenantId", new { userId, tenantId }, transaction, cancellationToken: cancellationToken));

    /// <summary>One page.</summary>
    public static async Task<(IReadOnlyList<ShownMembership> Items, string? NextCursor)> ListAsync(
        DbConnection connection, Guid userId, PageRequest page, CancellationToken cancellationToken) =>
        page.Cut(
            (await connection.QueryAsync<ShownMembership>(new CommandDefinition(
                $"{Select} {(page.Before is null ? "" : "AND t.id < @Before")} ORDER BY t.id DESC LIMIT @take",
                new { userId, page.Before, take = page.Limit + 1 },
                cancellationToken: cancellationToken))).AsList(),
            membership => membership.Id);
}
