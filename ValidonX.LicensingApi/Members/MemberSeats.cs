using System.Data.Common;
using Dapper;
using ValidonX.Platform.Api;
using ValidonX.Platform.Plans;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Members;

/// <summary>How many members a tenant may have by its plan, <c>members.max</c>, if the plan says so. An invitation that can be accepted takes a seat.</summary>
internal static class MemberSeats
{
    /// <summary>Counts the seats that are taken, of the tenant <c>@tenantId</c> at <c>@now</c>.</summary>
    public const string Taken =
        """
        SELECT (SELECT COUNT(*) FROM tenant_users WHERE tenant_id = @tenantId)
          + (SELECT COUNT(*) FROM invitations WHERE tenant_id = @tenantId AND open_marker = 1 AND expires_at > @now)
        """;

    /// <summary>The refusal of one more. Asked in a transaction that has the tenant's turn, so of two who take the last seat at once one gets it.</summary>
    public static async Task<ApiError?> RefusalAsync(DbTransaction transaction, Tenant tenant, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var entitlements = await TenantPlans.ReadAsync(transaction.Connection!, transaction, tenant.Id, tenant.PlanCode, cancellationToken);
        if (entitlements.SingleOrDefault(one => one.Code == EntitlementCodes.Members)?.Value is not { } limit)
        {
            return null;
        }

        var taken = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            Taken, new { tenantId = tenant.Id, now }, transaction, cancellationToken: cancellationToken));
        return taken >= limit ? ApiErrors.EntitlementLimitExceeded(EntitlementCodes.Members, taken, limit) : null;
    }
}
