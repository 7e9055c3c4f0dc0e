using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.ApiKeys;

/// <summary>A row of <c>api_keys</c>, without what is secret in it.</summary>
internal sealed record ApiKeyRow
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns =
        """
        id, name, key_hash, hint, scopes, allowed_ips, status, rate_limit_requests, rate_limit_period_seconds, replaced_by, expires_at,
          last_used_at, created_at
        """;

    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    public byte[] KeyHash { get; init; } = [];

    /// <summary>The key's last four characters.</summary>
    public string Hint { get; init; } = "";

    /// <summary>A JSON array.</summary>
    public string Scopes { get; init; } = "[]";

    /// <summary>A JSON array.</summary>
    public string AllowedIps { get; init; } = "[]";

    /// <summary>One of <see cref="ApiKeyStatus"/>, as stored.</summary>
    public string Status { get; init; } = "";

    public long? RateLimitRequests { get; init; }

    public long? RateLimitPeriodSeconds { get; init; }

    /// <summary>The key that a rotation made in its place.</summary>
    public Guid? ReplacedBy { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>As its owner sees it.</summary>
    public ShownApiKey Show(DateTimeOffset now) =>
        new(
            Id,
            Name,
            Hint,
            Status == ApiKeyStatus.Active && ExpiresAt <= now ? ApiKeyStatus.Expired : Status,
            new RawJson(Scopes),
            new RawJson(AllowedIps),
            RateLimitRequests is null ? null : new ShownKeyLimit(RateLimitRequests, RateLimitPeriodSeconds),
            ReplacedBy,
            ExpiresAt,
            LastUsedAt,
            CreatedAt);
}

/// <summary>The statuses of an API key as shown; "expired" follows from the clock.</summary>
internal static class ApiKeyStatus
{
    public const string Active = "active";
    public const string Expired = "expired";
    public const string Revoked = "revoked";
}

/// <summary>An API key as its owner sees it.</summary>
internal sealed record ShownApiKey(
    Guid Id,
    string Name,
    string Hint,
    [property: Words(ApiKeyStatus.Active, ApiKeyStatus.Expired, ApiKeyStatus.Revoked)] string Status,
    [property: Shape(JsonSchemaType.Array, Of = JsonSchemaType.String)]
    [property: Example("""["licenses"]""")] RawJson Scopes,
    [property: Shape(JsonSchemaType.Array, Of = JsonSchemaType.String)]
    [property: Example("""["203.0.113.0/24"]""")] RawJson AllowedIps,
    ShownKeyLimit? RateLimit,
    Guid? ReplacedBy,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset CreatedAt);

/// <summary>A key's own rate limit.</summary>
internal sealed record ShownKeyLimit(long? Requests, long? PeriodSeconds);

/// <summary>A new key, with its text: the only time that it is shown.</summary>
internal sealed record CreatedApiKey(
    Guid Id,
    string Name,
    [property: Example("vx_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")] string Key,
    string Hint,
    [property: Words(ApiKeyStatus.Active)] string Status,
    [property: Shape(JsonSchemaType.Array, Of = JsonSchemaType.String)]
    [property: Example("""["licenses"]""")] RawJson Scopes,
    [property: Shape(JsonSchemaType.Array, Of = JsonSchemaType.String)]
    [property: Example("""["203.0.113.0/24"]""")] RawJson AllowedIps,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset CreatedAt)
{
    /// <summary>The key that a rotation made this one for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReplacedApiKey? Replaces { get; init; }
}

/// <summary>A key that was rotated away, and until when it goes on.</summary>
internal sealed record ReplacedApiKey(Guid Id, DateTimeOffset ExpiresAt);
