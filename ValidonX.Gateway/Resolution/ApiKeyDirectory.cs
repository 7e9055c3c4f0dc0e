using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Keys;

namespace ValidonX.Gateway.Resolution;

/// <summary>Finds API keys in the platform database, with everything about their tenant in the same query.</summary>
internal sealed class ApiKeyDirectory(PlatformDatabase platform)
{
    /// <summary>The key with this hash, or <see langword="null"/>.</summary>
    public async Task<ApiKeyRecord?> FindAsync(ApiKeyHash hash, CancellationToken cancellationToken)
    {
        var bytes = hash.ToArray();
        await using var connection = await platform.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            """
            SELECT k.id AS key_id, k.key_hash, k.status AS key_status, k.expires_at, k.scopes, k.allowed_ips,
              t.id AS tenant_id, t.slug, t.plan_code, t.status AS tenant_status, t.server_name, t.database_name,
              COALESCE(t.cluster, p.cluster) AS cluster,
              COALESCE(k.rate_limit_requests, o.key_requests) AS key_requests,
              CASE WHEN k.rate_limit_requests IS NULL THEN o.key_period_seconds ELSE k.rate_limit_period_seconds END AS key_period_seconds,
              CASE WHEN minute_flag.code IS NULL THEN minute_plan.value ELSE minute_flag.value END AS plan_key_requests,
              o.tenant_requests,
              CASE WHEN month_flag.code IS NULL THEN month_plan.value ELSE month_flag.value END AS plan_tenant_requests,
              o.endpoint_activations, o.endpoint_usage, o.endpoint_entitlements
            FROM api_keys k
            JOIN tenants t ON t.id = k.tenant_id
            JOIN plans p ON p.code = t.plan_code
            LEFT JOIN rate_limit_overrides o ON o.tenant_id = t.id
            LEFT JOIN plan_entitlements minute_plan ON minute_plan.plan_code = t.plan_code AND minute_plan.code = 'api_calls_per_minute'
            LEFT JOIN plan_entitlements month_plan ON month_plan.plan_code = t.plan_code AND month_plan.code = 'api_calls_monthly'
            LEFT JOIN feature_flags minute_flag ON minute_flag.tenant_id = t.id AND minute_flag.code = 'api_calls_per_minute'
            LEFT JOIN feature_flags month_flag ON month_flag.tenant_id = t.id AND month_flag.code = 'api_calls_monthly'
            WHERE k.key_hash = @bytes
            """,
            new { bytes },
            cancellationToken: cancellationToken));
        return row is not null && CryptographicOperations.FixedTimeEquals(row.KeyHash, bytes) ? row.ToRecord() : null;
    }

    private sealed class Row
    {
        public Guid KeyId { get; init; }

        public byte[] KeyHash { get; init; } = [];

        public string KeyStatus { get; init; } = "";

        public DateTimeOffset? ExpiresAt { get; init; }

        public string Scopes { get; init; } = "";

        public string AllowedIps { get; init; } = "";

        public Guid TenantId { get; init; }

        public string Slug { get; init; } = "";

        public string PlanCode { get; init; } = "";

        public string TenantStatus { get; init; } = "";

        public string? ServerName { get; init; }

        public string? DatabaseName { get; init; }

        public string? Cluster { get; init; }

        public long? KeyRequests { get; init; }

        public long? KeyPeriodSeconds { get; init; }

        public long? PlanKeyRequests { get; init; }

        public long? TenantRequests { get; init; }

        public long? PlanTenantRequests { get; init; }

        public long? EndpointActivations { get; init; }

        public long? EndpointUsage { get; init; }

        public long? EndpointEntitlements { get; init; }

        public ApiKeyRecord ToRecord() =>
            new()
            {
                KeyId = KeyId,
                IsRevoked = KeyStatus != "active",
                ExpiresAt = ExpiresAt,
                Scopes = ApiKeyScopes.Parse(Scopes),
                AllowedAddresses = JsonSerializer.Deserialize<string[]>(AllowedIps) ?? [],
                Tenant = new TenantRecord
                {
                    Id = TenantId,
                    Slug = Slug,
                    Plan = PlanCode,
                    Status = TenantStatus,
                    ServerName = ServerName,
                    DatabaseName = DatabaseName,
                    Cluster = Cluster,
                },
                Limits = new CallLimits
                {
                    KeyRequests = KeyRequests,
                    KeyPeriodSeconds = KeyRequests is null ? null : (int?)KeyPeriodSeconds,
                    PlanKeyRequests = PlanKeyRequests,
                    TenantRequests = TenantRequests,
                    PlanTenantRequests = PlanTenantRequests,
                    Activations = EndpointActivations,
                    Usage = EndpointUsage,
                    Entitlements = EndpointEntitlements,
                },
            };
    }
}
