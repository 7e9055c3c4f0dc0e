namespace ValidonX.Gateway.Resolution;

/// <summary>A bearer token's row.</summary>
internal sealed class TokenRecord
{
    /// <summary>The token's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The user or operator it belongs to.</summary>
    public required Guid OwnerId { get; init; }

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
