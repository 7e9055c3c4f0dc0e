using System.Text.Json.Serialization;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Callers;

/// <summary>
/// Who calls and for which tenant, resolved once by the gateway and signed for the licensing API; nothing deeper resolves again.
/// </summary>
public sealed record CallerContext
{
    /// <summary>Who is calling.</summary>
    [JsonPropertyName("k")]
    public required CallerKind Kind { get; init; }

    /// <summary>The API key's, user's or operator's id; none for anonymous callers.</summary>
    [JsonPropertyName("c")]
    public Guid? CallerId { get; init; }

    /// <summary>The bearer token's id, for logout.</summary>
    [JsonPropertyName("b")]
    public Guid? TokenId { get; init; }

    /// <summary>The tenant, for API keys, users and customers.</summary>
    [JsonPropertyName("t")]
    public Guid? TenantId { get; init; }

    /// <summary>The tenant's slug.</summary>
    [JsonPropertyName("s")]
    public string? TenantSlug { get; init; }

    /// <summary>The tenant's plan.</summary>
    [JsonPropertyName("p")]
    public string? TenantPlan { get; init; }

    /// <summary>The tenant's database server.</summary>
    [JsonPropertyName("d")]
    public string? ServerName { get; init; }

    /// <summary>The tenant's database.</summary>
    [JsonPropertyName("n")]
    public string? DatabaseName { get; init; }

    /// <summary>The user's role within the tenant.</summary>
    [JsonPropertyName("r")]
    public TenantRole? Role { get; init; }

    /// <summary>The method of the request that the gateway judged.</summary>
    [JsonPropertyName("m")]
    public string? Method { get; init; }

    /// <summary>As what the gateway judged it: the name of an <see cref="Routes.ApiRoute"/>.</summary>
    [JsonPropertyName("w")]
    public string? Route { get; init; }

    /// <summary>Where a sign-in or a bearer's call comes from, for the audit log.</summary>
    [JsonPropertyName("a")]
    public string? ClientAddress { get; init; }

    /// <summary>Whether the caller is a user whom the tenant's own single sign-on vouches for, and who therefore has an account for that tenant only.</summary>
    [JsonPropertyName("g")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsSignedOn { get; init; }

    /// <summary>What a token of the tenant's issuer says of the user, where the platform has still to take note of it.</summary>
    [JsonPropertyName("o")]
    public ClaimedUser? Claimed { get; init; }

    /// <summary>When the context ends, Unix seconds. Short-lived: the gateway signs a new one well before.</summary>
    [JsonPropertyName("e")]
    public required long ExpiresAt { get; init; }

    /// <summary>Where the tenant's data lives.</summary>
    /// <exception cref="InvalidOperationException">The context is not a tenant's.</exception>
    [JsonIgnore]
    public TenantPlacement Placement => _placement ??= TenantId is { } id && ServerName is { } server && DatabaseName is { } database
        ? new TenantPlacement(id, server, Databases.DatabaseName.Parse(database))
        : throw new InvalidOperationException("The caller's context names no tenant.");

    private TenantPlacement? _placement;
}
