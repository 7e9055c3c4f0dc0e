using System.Text.Json.Serialization;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>A tenant as operators see it (CONTRACT §6.1).</summary>
internal sealed record ShownTenant(
    Guid Id,
    [property: Example("ACME Software")] string Name,
    [property: Example("acme")] string Slug,
    [property: Words(TenantStatus.Provisioning, TenantStatus.Active, TenantStatus.Suspended, TenantStatus.Closed)] string Status,
    [property: Example("pro")] string Plan,
    [property: Example("local")] string Region,
    string? Cluster,
    ShownDatabase? Database,
    DateTimeOffset CreatedAt)
{
    /// <summary>How many alerts about it are open or acknowledged; in lists only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Example("0")]
    public int? Alerts { get; init; }

    /// <summary>Shows a row.</summary>
    public static ShownTenant Of(Tenant tenant) =>
        new(
            tenant.Id,
            tenant.Name,
            tenant.Slug,
            tenant.Status,
            tenant.PlanCode,
            tenant.Region,
            tenant.Cluster,
            tenant is { DatabaseName: { } name, ServerName: { } server } ? new ShownDatabase(name, server) : null,
            tenant.CreatedAt);
}

/// <summary>Where a tenant's data lives.</summary>
internal sealed record ShownDatabase(string Name, string Server);

/// <summary>A provisioning run with its twelve stages.</summary>
internal sealed record ShownRun(
    Guid Id,
    [property: Words("pending", "running", "succeeded", "failed")] string Status,
    string? Error, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, IReadOnlyList<ProvisioningStage> Stages)
{
    /// <summary>Shows a run.</summary>
    public static ShownRun Of(ProvisioningRun run) =>
        new(run.Id, run.Status, run.Error, run.CreatedAt, run.StartedAt, run.FinishedAt, run.Stages);
}

/// <summary>The answer that holds one tenant.</summary>
internal sealed record TenantAnswer(ShownTenant Tenant);

/// <summary>The answer that holds one tenant and its run.</summary>
internal sealed record TenantWithRun(ShownTenant Tenant, ShownRun? Run);

/// <summary>The tenant's first API key and its owner's token, shown once.</summary>
internal sealed record RevealedCredentials(
    [property: Example("vx_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")] string ApiKey,
    [property: Example("019a1b2c3d4e7f5a8b6c7d8e9f0a1b2c|s3cr3t")] string BearerToken);
