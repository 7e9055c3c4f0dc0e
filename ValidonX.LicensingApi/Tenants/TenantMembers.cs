using System.Data.Common;
using Dapper;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>Who belongs to a tenant.</summary>
internal static class TenantMembers
{
    /// <summary>The member with this id, or the tenant's first owner when none is named; <see langword="null"/> when there is none.</summary>
    public static Task<Guid?> FindAsync(DbTransaction transaction, Guid tenantId, Guid? userId, CancellationToken cancellationToken) =>
        transaction.Connection!.QueryFirstOrDefaultAsync<Guid?>(new CommandDefinition(
            """
            SELECT user_id FROM tenant_users
            WHERE tenant_id = @tenantId AND (user_id = @userId OR (@userId IS NULL AND role = 'owner'))
            ORDER BY created_at, user_id LIMIT 1
            """,
            new { tenantId, userId },
            transaction,
            cancellationToken: cancellationToken));
}
