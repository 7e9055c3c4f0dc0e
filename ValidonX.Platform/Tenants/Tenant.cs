using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Tenants;

/// <summary>A vendor on the platform; a row of <c>tenants</c>.</summary>
public sealed record Tenant
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns =
        "id, name, slug, status, plan_code, region, server_name, database_name, cluster, created_at, updated_at";

    /// <summary>Its id (UUID version 7).</summary>
    public required Guid Id { get; init; }

    /// <summary>Its display name.</summary>
    public required string Name { get; init; }

    /// <summary>Its short name; see <see cref="TenantSlug"/>.</summary>
    public required string Slug { get; init; }

    /// <summary>One of <see cref="TenantStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>The code of its plan.</summary>
    public required string PlanCode { get; init; }

    /// <summary>Where its data lives.</summary>
    public required string Region { get; init; }

    /// <summary>Its database server, once placed.</summary>
    public string? ServerName { get; init; }

    /// <summary>Its database's name, once placed.</summary>
    public string? DatabaseName { get; init; }

    /// <summary>A pool of licensing APIs of its own, if an operator gave it one.</summary>
    public string? Cluster { get; init; }

    /// <summary>When it signed up (UTC).</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its row last changed (UTC).</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Where its data lives, or <see langword="null"/> before it was placed.</summary>
    public TenantPlacement? Placement =>
        ServerName is null || DatabaseName is null ? null : new TenantPlacement(Id, ServerName, Databases.DatabaseName.Parse(DatabaseName));
}
