using Dapper;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Databases;

namespace ValidonX.Gateway.Resolution;

/// <summary>Finds tokens, memberships, tenants and hosts in the platform database.</summary>
internal sealed class AccountDirectory(PlatformDatabase platform)
{
    /// <summary>The token with this id, or <see langword="null"/>.</summary>
    public async Task<TokenRecord?> FindTokenAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<TokenRecord>(new CommandDefinition(
            """
            SELECT t.id, t.owner_id, t.tenant_id, s.highest_role, t.ability, t.token_hash, t.expires_at, t.revoked_at
            FROM personal_access_tokens t LEFT JOIN tenant_sso s ON s.tenant_id = t.tenant_id
            WHERE t.id = @id
            """,
            new { id },
            cancellationToken: cancellationToken));
    }

    /// <summary>The user's tenants; none for an unknown user.</summary>
    public async Task<Memberships?> FindMembershipsAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(Guid TenantId, string Role)>(new CommandDefinition(
            """
            SELECT tenant_id, role FROM tenant_users WHERE user_id = @userId
            """,
            new { userId },
            cancellationToken: cancellationToken));
        return new Memberships(rows.ToDictionary(row => row.TenantId, row => Enum.Parse<TenantRole>(row.Role, ignoreCase: true)));
    }

    /// <summary>The tenant with this id, or <see langword="null"/>.</summary>
    public async Task<TenantRecord?> FindTenantAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<TenantRecord>(new CommandDefinition(
            """
            SELECT t.id, t.slug, t.plan_code AS plan, t.status, t.server_name, t.database_name, COALESCE(t.cluster, p.cluster) AS cluster
            FROM tenants t JOIN plans p ON p.code = t.plan_code
            WHERE t.id = @id
            """,
            new { id },
            cancellationToken: cancellationToken));
    }

    /// <summary>The tenant with this slug, or <see langword="null"/>.</summary>
    public Task<HostTenant?> FindSlugAsync(string slug, CancellationToken cancellationToken) =>
        FindHostAsync("SELECT id FROM tenants WHERE slug = @value", slug, cancellationToken);

    /// <summary>The tenant whose verified domain this is, or <see langword="null"/>.</summary>
    public Task<HostTenant?> FindDomainAsync(string host, CancellationToken cancellationToken) =>
        FindHostAsync("SELECT tenant_id FROM domains WHERE verified_host = @value", host, cancellationToken);

    private async Task<HostTenant?> FindHostAsync(string sql, string value, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var id = await connection.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(sql, new { value }, cancellationToken: cancellationToken));
        return id is { } found ? new HostTenant(found) : null;
    }
}
