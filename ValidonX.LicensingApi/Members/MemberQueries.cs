using System.Data.Common;
using Dapper;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Members;

/// <summary>Reads who belongs to a tenant, and who is invited to.</summary>
internal sealed class MemberQueries(PlatformDatabase platform, TimeProvider time)
{
    private const string All =
        """
        SELECT COALESCE(m.id, m.user_id) AS id, u.email, u.name, m.role, 'active' AS status, m.user_id,
          EXISTS (SELECT 1 FROM two_factors f WHERE f.owner_type = 'user' AND f.owner_id = u.id AND f.confirmed_at IS NOT NULL) AS two_factor,
          NULL AS invited_by, NULL AS expires_at, m.created_at
        FROM tenant_users m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = @tenantId
        UNION ALL
        SELECT i.id, i.email, NULL, i.role, IF(i.expires_at > @now, 'invited', 'expired'), NULL, NULL, i.invited_by, i.expires_at, i.created_at
        FROM invitations i WHERE i.tenant_id = @tenantId AND i.open_marker = 1
        """;

    /// <summary>One page, the newest first.</summary>
    public async Task<(IReadOnlyList<MemberRow> Items, string? NextCursor)> ListAsync(Guid tenantId, MemberFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<MemberRow>(new CommandDefinition(
            $"""
            SELECT * FROM ({All}) members
            WHERE 1 = 1 {page.AndOlder()} {(filter.Status is null ? "" : "AND status = @Status")} {(filter.Role is null ? "" : "AND role = @role")}
            ORDER BY id DESC LIMIT @take
            """,
            new { tenantId, now = time.GetUtcNow(), page.Before, filter.Status, role = filter.Role?.Word(), take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, row => row.Id);
    }

    /// <summary>One of them, as a transaction sees it that has the tenant's turn; <see langword="null"/> when there is none.</summary>
    public Task<MemberRow?> FindAsync(DbTransaction transaction, Guid tenantId, Guid id, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<MemberRow?>(new CommandDefinition(
            $"SELECT * FROM ({All}) members WHERE id = @id",
            new { tenantId, id, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Whether the address is a member's or invited already.</summary>
    public Task<MemberRow?> FindAsync(DbTransaction transaction, Guid tenantId, EmailAddress email, CancellationToken cancellationToken) =>
        transaction.Connection!.QueryFirstOrDefaultAsync<MemberRow?>(new CommandDefinition(
            $"SELECT * FROM ({All}) members WHERE email = @Value ORDER BY status LIMIT 1",
            new { tenantId, email.Value, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>The tenant's owners, locked until the transaction ends: whoever else lets one go waits.</summary>
    public static async Task<IReadOnlyList<Guid>> LockOwnersAsync(DbTransaction transaction, Guid tenantId, CancellationToken cancellationToken) =>
        (await transaction.Connection!.QueryAsync<Guid>(new CommandDefinition(
            "SELECT user_id FROM tenant_users WHERE tenant_id = @tenantId AND role = 'owner' ORDER BY user_id FOR UPDATE",
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken))).AsList();
}
