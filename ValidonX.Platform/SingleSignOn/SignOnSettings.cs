using System.Text.Json;
using ValidonX.Platform.Accounts;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>How a tenant's users sign in at the tenant's own issuer; a row of <c>tenant_sso</c>, without the secret.</summary>
public sealed record SignOnSettings
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "tenant_id, version, issuer, client_id, audience, role_claim, default_role, highest_role";

    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>Names this state of the settings; another one after every change.</summary>
    public required Guid Version { get; init; }

    /// <summary>Who issues the tokens.</summary>
    public required string Issuer { get; init; }

    /// <summary>As what we are known there.</summary>
    public required string ClientId { get; init; }

    /// <summary>For whom a bearer's token has to be; <see langword="null"/> is the client.</summary>
    public string? Audience { get; init; }

    /// <summary>The claim that names the user's role, if one does.</summary>
    public string? RoleClaim { get; init; }

    /// <summary>The role of whom the claim gives none; <see langword="null"/> is not let in.</summary>
    public string? DefaultRole { get; init; }

    /// <summary>The most that anyone becomes by a token.</summary>
    public required string HighestRole { get; init; }

    /// <summary>For whom a bearer's token has to be.</summary>
    public string AcceptedAudience => Audience ?? ClientId;

    /// <summary>The role that a token gives, or <see langword="null"/> when it gives none.</summary>
    /// <param name="payload">The token's claims.</param>
    public TenantRole? RoleOf(JsonElement payload)
    {
        var claimed = RoleClaim is null ? null : Claims.Texts(payload, RoleClaim).Select(Role).Max();
        return (claimed ?? Role(DefaultRole)) is { } role ? AtMost(role) : null;
    }

    /// <summary>The role, or the ceiling where that is lower.</summary>
    public TenantRole AtMost(TenantRole role) => AtMost(role, HighestRole);

    /// <summary>The role, or the highest that a tenant gives to who signs in at its issuer where that is lower; never the owner, whom the tenant itself makes.</summary>
    public static TenantRole AtMost(TenantRole role, string highest) =>
        (TenantRole)Math.Min((int)role, Math.Min((int)(Role(highest) ?? TenantRole.Viewer), (int)TenantRole.Admin));

    private static TenantRole? Role(string? name) =>
        name?.ToLowerInvariant() switch
        {
            "viewer" => TenantRole.Viewer,
            "developer" => TenantRole.Developer,
            "admin" => TenantRole.Admin,
            "owner" => TenantRole.Owner,
            _ => null,
        };
}
