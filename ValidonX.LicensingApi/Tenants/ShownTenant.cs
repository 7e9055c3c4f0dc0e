using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>A tenant as operators see it (CONTRACT §6.1).</summary>
internal sealed record ShownTenant(
    Guid Id, string Name, string Slug, string Status, string Plan, string Region, string? Cluster, ShownDatabase? Database, DateTimeOffset CreatedAt)
{
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
internal sealed record ShownRun(Guid Id, string Status, string? Error, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, IReadOnlyList<ProvisioningStage> Stages)
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
internal sealed record RevealedCredentials(string ApiKey, string BearerToken);
