using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Members;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Plans;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Billing;

/// <summary>What a tenant has of what plans limit. What is made while a plan is being changed is not looked at again: it stays, and nothing more is made.</summary>
internal sealed class PlanUse(PlatformDatabase platform, TenantDatabases databases, TimeProvider time)
{
    /// <summary>How much there is, by the limit's code.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ReadAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var tenant = await connection.QuerySingleOrDefaultAsync<Tenant?>(new CommandDefinition(
            $"SELECT {Tenant.Columns} FROM tenants WHERE id = @tenantId", new { tenantId }, cancellationToken: cancellationToken));
        if (tenant is not { Placement: { } placement, Status: TenantStatus.Active or TenantStatus.Suspended })
        {
            return new Dictionary<string, long>(StringComparer.Ordinal);
        }

        var (webhooks, members) = await connection.QuerySingleAsync<(long, long)>(new CommandDefinition(
            $"SELECT (SELECT COUNT(*) FROM webhook_endpoints WHERE tenant_id = @tenantId AND url IS NOT NULL), ({MemberSeats.Taken})",
            new { tenantId, now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var (products, licenses, activations) = await scope.Connection.QuerySingleAsync<(long, long, long)>(new CommandDefinition(
            """
            SELECT (SELECT COUNT(*) FROM products), (SELECT COUNT(*) FROM license_keys),
              (SELECT COUNT(*) FROM activations WHERE active_marker = 1 AND (lease_expires_at IS NULL OR lease_expires_at > @now))
            """,
            new { now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
        return new Dictionary<string, long>(StringComparer.Ordinal)
        {
            [EntitlementCodes.Products] = products,
            [EntitlementCodes.Licenses] = licenses,
            [EntitlementCodes.ActivationsTotal] = activations,
            [EntitlementCodes.WebhookEndpoints] = webhooks,
            [EntitlementCodes.Members] = members,
        };
    }

    /// <summary>The refusal when there is more than the tenant would be allowed on a plan, an operator's overrides included.</summary>
    public static async Task<ApiError?> RefusalAsync(
        DbTransaction transaction, Guid tenantId, string planCode, IReadOnlyDictionary<string, long> inUse, CancellationToken cancellationToken)
    {
        var over = ImmutableSortedDictionary.CreateBuilder<string, object>(StringComparer.Ordinal);
        foreach (var limit in await TenantPlans.ReadAsync(transaction.Connection!, transaction, tenantId, planCode, cancellationToken))
        {
            if (limit is { Kind: not TenantEntitlement.BooleanKind, Value: { } most } && inUse.TryGetValue(limit.Code, out var used) && used > most)
            {
                over.Add(limit.Code, ImmutableSortedDictionary<string, object>.Empty.Add("limit", most).Add("used", used));
            }
        }

        return over.Count == 0
            ? null
            : ApiErrors.Conflict("More is in use than the plan allows.") with { Details = ImmutableSortedDictionary<string, object>.Empty.Add("over", over.ToImmutable()) };
    }
}
