using ValidonX.Platform.Api;
using ValidonX.Platform.Tenants;

namespace ValidonX.Gateway.Resolution;

/// <summary>What the gateway needs of a tenant's row.</summary>
internal sealed record TenantRecord
{
    /// <summary>The tenant.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its short name.</summary>
    public required string Slug { get; init; }

    /// <summary>The code of its plan.</summary>
    public required string Plan { get; init; }

    /// <summary>One of <see cref="TenantStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Its database server, once placed.</summary>
    public string? ServerName { get; init; }

    /// <summary>Its database, once placed.</summary>
    public string? DatabaseName { get; init; }

    /// <summary>The cluster of the tenant or of its plan.</summary>
    public string? Cluster { get; init; }

    /// <summary>Why the tenant is not served, or <see langword="null"/> when it is.</summary>
    public ApiError? Refusal() =>
        Status switch
        {
            TenantStatus.Active => null,
            TenantStatus.Suspended => ApiErrors.TenantSuspended,
            _ => ApiErrors.TenantInvalidState,
        };
}
