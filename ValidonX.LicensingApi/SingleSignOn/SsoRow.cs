using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Endpoints;

namespace ValidonX.LicensingApi.SingleSignOn;

/// <summary>A row of <c>tenant_sso</c>.</summary>
internal sealed record SsoRow
{
    public Guid TenantId { get; init; }

    public Guid Version { get; init; }

    public string Issuer { get; init; } = "";

    public string ClientId { get; init; } = "";

    public byte[]? SealedClientSecret { get; init; }

    public string? Audience { get; init; }

    public string? RoleClaim { get; init; }

    public string? DefaultRole { get; init; }

    public string HighestRole { get; init; } = "";

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Names this state.</summary>
    public EntityTag Tag => EntityTag.Of(Version.ToString());

    /// <summary>A tenant's, or <see langword="null"/>.</summary>
    public static Task<SsoRow?> FindAsync(DbConnection connection, DbTransaction? transaction, Guid tenantId, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<SsoRow?>(new CommandDefinition(
            """
            SELECT tenant_id, version, issuer, client_id, sealed_client_secret, audience, role_claim, default_role, highest_role, updated_at
            FROM tenant_sso WHERE tenant_id = @tenantId
            """,
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>As the tenant sees it.</summary>
    public ShownSso Show(string redirectUri) =>
        new(Issuer, ClientId, SealedClientSecret is not null, Audience ?? ClientId, RoleClaim, DefaultRole, HighestRole, redirectUri, UpdatedAt);
}
