namespace ValidonX.Gateway.Resolution;

/// <summary>A bearer token's row.</summary>
internal sealed class TokenRecord
{
    /// <summary>The token's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The user or operator it belongs to.</summary>
    public required Guid OwnerId { get; init; }

    /// <summary>The tenant at whose issuer its owner has signed in for it, which is then the only one that it opens.</summary>
    public Guid? TenantId { get; init; }

    /// <summary>The most that this tenant lets become of who signs in there. A change of it ends the token, so that this one is right.</summary>
    public string? HighestRole { get; init; }

    /// <summary>One of <see cref="Platform.Accounts.Abilities"/>.</summary>
    public required string Ability { get; init; }

    /// <summary>SHA-256 of the secret.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>From when on it is not valid.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was revoked.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Whether <c>last_used_at</c> is about to be written.</summary>
    public UseMark Use { get; } = new();
}
