using ValidonX.LicensingApi.Compliance;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Plans;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>A tenant that an operator signs up (CONTRACT §6.1).</summary>
internal sealed record TenantRequest : IRequest, IChecked, ICheckedByStore
{
    /// <summary>Its name.</summary>
    [Text(120)]
    [Example("ACME Software")]
    public required string Name { get; init; }

    /// <summary>Its short name, unique; made from the name when absent.</summary>
    [Text(TenantSlug.MaximumLength, TenantSlug.MinimumLength)]
    [Example("acme")]
    public string? Slug { get; init; }

    /// <summary>The code of its plan; by default the first one.</summary>
    [Text(32)]
    [Example("pro")]
    public string? Plan { get; init; }

    /// <summary>Where its data is to live.</summary>
    [Name]
    [Example("local")]
    public string Region { get; init; } = "local";

    /// <summary>The codes of the rules about where its data may lie; each has to allow the region.</summary>
    [Texts(0, ComplianceCodes.MostRules, 64)]
    [Example("[]")]
    public IReadOnlyList<string> Compliance { get; init; } = [];

    /// <summary>Who owns it.</summary>
    public required OwnerRequest? Owner { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (Slug is not null && !TenantSlug.TryParse(Slug, out _))
        {
            at.Of("slug").Fail("Must have 3 to 40 characters of a-z 0-9 and hyphens, and not begin or end with a hyphen.");
        }

        if (Owner is null && at.Has("owner"))
        {
            at.Of("owner.email").Fail("Is required.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask CheckAsync(FieldErrors errors, IServiceProvider services, CancellationToken cancellationToken)
    {
        var plans = await services.GetRequiredService<PlanCatalog>().ReadAsync(cancellationToken);
        if (Plan is null ? plans.Default is null && !errors.Has("plan") : !plans.All.Contains(Plan, StringComparer.Ordinal))
        {
            errors.Add("plan", Plan is null ? "Is required." : $"Must be one of: {string.Join(", ", plans.All)}.");
        }
    }
}

/// <summary>Who owns a new tenant.</summary>
internal sealed record OwnerRequest
{
    /// <summary>The owner's account.</summary>
    [Example("owner@acme.example")]
    public required EmailAddress Email { get; init; }

    /// <summary>The owner's name; by default the tenant's.</summary>
    [Text(120)]
    [Example("Jane Doe")]
    public string? Name { get; init; }
}

/// <summary>What an operator changes of a tenant; what is absent stays.</summary>
internal sealed record TenantChange : IRequest
{
    /// <summary>Its name.</summary>
    [Text(120)]
    [Example("ACME Software Inc.")]
    public string? Name { get; init; }

    /// <summary>A pool of licensing APIs of its own; null takes it away.</summary>
    [Name]
    [Example("dedicated-1")]
    public Given<string> Cluster { get; init; }
}

/// <summary>Which tenants a list shows.</summary>
internal sealed record TenantFilter : ListQuery
{
    public const string Alerting = "alerting";
    public const string Well = "well";

    /// <summary>Only those in this state.</summary>
    [Words(TenantStatus.Provisioning, TenantStatus.Active, TenantStatus.Suspended, TenantStatus.Closed)]
    public string? Status { get; init; }

    /// <summary>Only those on this plan.</summary>
    [Text(32)]
    [Example("pro")]
    public string? Plan { get; init; }

    /// <summary>`alerting`: only those that alerts are open or acknowledged about; `well`: only the others.</summary>
    [Words(Alerting, Well)]
    public string? Health { get; init; }

    /// <summary>Only those with this text in their name or slug, or with this id.</summary>
    [Text(128)]
    [Example("acme")]
    public string? Search { get; init; }
}

/// <summary>A name of something technical.</summary>
internal sealed class NameAttribute : TextAttribute
{
    public NameAttribute()
        : base(64)
    {
        Pattern = "^[a-z0-9-]+$";
        PatternMessage = "Must only have a-z 0-9 and hyphens.";
    }
}
