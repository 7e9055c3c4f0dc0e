namespace ValidonX.LicensingApi.Tokens;

/// <summary>A user's bearer token, without what is secret in it.</summary>
internal sealed record TokenRow
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "id, owner_id, name, ability, last_used_at, expires_at, revoked_at, created_at";

    public Guid Id { get; init; }

    public Guid OwnerId { get; init; }

    public string Name { get; init; } = "";

    public string Ability { get; init; } = "";

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>As its owner sees it.</summary>
    public ShownToken Show() => new(Id, OwnerId, Name, [Ability], LastUsedAt, ExpiresAt, CreatedAt);

    /// <summary>As it is shown once, with its text.</summary>
    public CreatedToken ShowOnce(string token) => new(Id, OwnerId, Name, [Ability], token, LastUsedAt, ExpiresAt, CreatedAt);
}

/// <summary>A bearer token as its owner sees it (CONTRACT §9).</summary>
internal sealed record ShownToken(
    Guid Id, Guid UserId, string Name, IReadOnlyList<string> Abilities, DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt);

/// <summary>A new bearer token, with its text: the only time that it is shown.</summary>
internal sealed record CreatedToken(
    Guid Id, Guid UserId, string Name, IReadOnlyList<string> Abilities, string Token, DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt);
