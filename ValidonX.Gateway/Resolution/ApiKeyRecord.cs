using ValidonX.Platform.Keys;

namespace ValidonX.Gateway.Resolution;

/// <summary>An API key with all that decides about a call made with it.</summary>
internal sealed record ApiKeyRecord
{
    /// <summary>The key's id.</summary>
    public required Guid KeyId { get; init; }

    /// <summary>Whose it is.</summary>
    public required TenantRecord Tenant { get; init; }

    /// <summary>Whether it was revoked.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>From when on it is not valid any more; rotation sets it for the old key.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What it may be used for.</summary>
    public ApiKeyScope Scopes { get; init; } = ApiKeyScope.All;

    /// <summary>Addresses and networks (CIDR) that it may be used from; empty is everywhere.</summary>
    public IReadOnlyList<string> AllowedAddresses { get; init; } = [];

    /// <summary>Its limits.</summary>
    public required CallLimits Limits { get; init; }
}

/// <summary>The quotas of CONTRACT §4 as plan, operator and key set them; <see langword="null"/> is "not set".</summary>
internal sealed record CallLimits
{
    /// <summary>Calls with one key in a period, set for the key or the tenant.</summary>
    public long? KeyRequests { get; init; }

    /// <summary>The period in seconds that was set with it; <see langword="null"/> is the default one.</summary>
    public int? KeyPeriodSeconds { get; init; }

    /// <summary>Calls with one key in a period by the plan; <see langword="null"/> is unlimited.</summary>
    public long? PlanKeyRequests { get; init; }

    /// <summary>Calls of the tenant in a calendar month, set for the tenant.</summary>
    public long? TenantRequests { get; init; }

    /// <summary>Calls of the tenant in a calendar month by the plan; <see langword="null"/> is unlimited.</summary>
    public long? PlanTenantRequests { get; init; }

    /// <summary>Activations with one key, set for the tenant.</summary>
    public long? Activations { get; init; }

    /// <summary>Usage events with one key, set for the tenant.</summary>
    public long? Usage { get; init; }

    /// <summary>Entitlement checks with one key, set for the tenant.</summary>
    public long? Entitlements { get; init; }
}
