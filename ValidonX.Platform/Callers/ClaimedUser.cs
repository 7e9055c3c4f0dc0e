using System.Text.Json.Serialization;
using ValidonX.Platform.Accounts;

namespace ValidonX.Platform.Callers;

/// <summary>Whom a token of a tenant's issuer is about, as the gateway has checked it. Beyond the subject it is hearsay: a tenant's issuer can say of anyone what it likes.</summary>
public sealed record ClaimedUser
{
    /// <summary>Most characters of a name: so much of it has room in a header.</summary>
    public const int MaximumNameLength = 64;

    /// <summary>Whom the issuer means.</summary>
    [JsonPropertyName("s")]
    public required string Subject { get; init; }

    /// <summary>The state of the tenant's settings that the token was checked against.</summary>
    [JsonPropertyName("v")]
    public required Guid Version { get; init; }

    /// <summary>The role that the token gives.</summary>
    [JsonPropertyName("r")]
    public required TenantRole Role { get; init; }

    /// <summary>When the token was issued, Unix seconds: of two tokens the later one says how things are.</summary>
    [JsonPropertyName("i")]
    public required long IssuedAt { get; init; }

    /// <summary>What the issuer calls the user.</summary>
    [JsonPropertyName("n")]
    public string? Name { get; init; }

    /// <summary>The address that the issuer has of the user. It names no account here.</summary>
    [JsonPropertyName("e")]
    public string? Email { get; init; }
}
