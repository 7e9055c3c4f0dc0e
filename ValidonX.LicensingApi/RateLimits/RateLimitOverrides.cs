using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.RateLimits;

/// <summary>Keeps operators' limits. When a change returns, it is in force on every gateway.</summary>
internal sealed class RateLimitOverrides(PlatformDatabase platform, StateChanges changes, TimeProvider time)
{
    /// <summary>The tenant's limits.</summary>
    public async Task<Outcome<TenantRateLimits>> FindAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, tenantId, cancellationToken) is { } limits ? limits : ApiErrors.TenantNotFound;
    }

    /// <summary>Replaces them all.</summary>
    public Task<IResult> ReplaceAsync(Guid tenantId, TenantRateLimits limits, ChangeRequest<TenantRateLimits> request) =>
        changes.InPlatformAsync<TenantRateLimits>(request, async (transaction, token) =>
        {
            var connection = transaction.Connection!;
            if (await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
                "SELECT 1 FROM tenants WHERE id = @tenantId FOR UPDATE",
                new { tenantId },
                transaction,
                cancellationToken: token)) is null)
            {
                return ApiErrors.TenantNotFound;
            }

            var before = (await FindAsync(connection, transaction, tenantId, token))!;
            await connection.ExecuteAsync(new CommandDefinition(
                """
                REPLACE INTO rate_limit_overrides
                  (tenant_id, key_requests, key_period_seconds, tenant_requests, endpoint_activations, endpoint_usage, endpoint_entitlements, updated_at)
                VALUES (@tenantId, @keyRequests, @keyPeriod, @tenantRequests, @Activations, @Usage, @Entitlements, @now)
                """,
                new
                {
                    tenantId,
                    keyRequests = limits.Key?.Requests,
                    keyPeriod = limits.Key?.PeriodSeconds,
                    tenantRequests = limits.Tenant?.Requests,
                    limits.Endpoint?.Activations,
                    limits.Endpoint?.Usage,
                    limits.Endpoint?.Entitlements,
                    now = time.GetUtcNow(),
                },
                transaction,
                cancellationToken: token));
            var after = (await FindAsync(connection, transaction, tenantId, token))!;
            return new Changed<TenantRateLimits>(after)
            {
                Stale = [Invalidation.OfTenant(tenantId)],
                Event = request.Audit.About("tenant", tenantId).Changed(before, after, LicensingJson.Default.TenantRateLimits),
            };
        });

    private static async Task<TenantRateLimits?> FindAsync(
        DbConnection connection, DbTransaction? transaction, Guid tenantId, CancellationToken cancellationToken)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            """
            SELECT o.key_requests, o.key_period_seconds, o.tenant_requests, o.endpoint_activations, o.endpoint_usage, o.endpoint_entitlements
            FROM tenants t LEFT JOIN rate_limit_overrides o ON o.tenant_id = t.id
            WHERE t.id = @tenantId
            """,
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken));
        return row?.Show();
    }

    private sealed class Row
    {
        public long? KeyRequests { get; init; }

        public long? KeyPeriodSeconds { get; init; }

        public long? TenantRequests { get; init; }

        public long? EndpointActivations { get; init; }

        public long? EndpointUsage { get; init; }

        public long? EndpointEntitlements { get; init; }

        public TenantRateLimits Show() =>
            new()
            {
                Key = KeyRequests is null ? null : new KeyQuota { Requests = KeyRequests, PeriodSeconds = KeyPeriodSeconds },
                Tenant = TenantRequests is null ? null : new TenantQuota { Requests = TenantRequests },
                Endpoint = (EndpointActivations ?? EndpointUsage ?? EndpointEntitlements) is null
                    ? null
                    : new EndpointQuotas { Activations = EndpointActivations, Usage = EndpointUsage, Entitlements = EndpointEntitlements },
            };
    }
}
