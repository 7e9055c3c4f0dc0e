using System.Text.RegularExpressions;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Compliance;

/// <summary>Where the data of tenants under it may lie.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">What it is named by.</param>
/// <param name="Name">What it is called.</param>
/// <param name="AllowedRegions">The regions whose database servers may hold the data.</param>
/// <param name="Tenants">How many tenants are under it.</param>
/// <param name="Violations">How many of them lie elsewhere, because the rule was changed since they were placed.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
internal sealed record ComplianceRule(
    Guid Id,
    [property: Example("gdpr")] string Code,
    [property: Example("General Data Protection Regulation")] string Name,
    [property: Example("""["eu"]""")] IReadOnlyList<string> AllowedRegions,
    long Tenants,
    long Violations,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>What a rule is to say.</summary>
internal sealed record ComplianceRuleRequest : IRequest, IChecked
{
    private const int MostRegions = 100;

    /// <summary>What it is called.</summary>
    [Text(120)]
    [Example("General Data Protection Regulation")]
    public required string Name { get; init; }

    /// <summary>The regions whose database servers may hold the data of tenants under it.</summary>
    [Texts(1, MostRegions, 64)]
    [Example("""["eu"]""")]
    public required IReadOnlyList<string> AllowedRegions { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (AllowedRegions is not null && !AllowedRegions.All(ComplianceCodes.IsCode))
        {
            at.Of("allowed_regions").Fail("Regions only have a-z 0-9 and hyphens.");
        }
    }
}

/// <summary>The rules that a tenant is to be under.</summary>
internal sealed record TenantComplianceRequest : IRequest
{
    /// <summary>The codes of the rules.</summary>
    [Texts(0, ComplianceCodes.MostRules, 64)]
    [Example("""["gdpr"]""")]
    public required IReadOnlyList<string> Rules { get; init; }
}

/// <summary>Where a tenant's data lies, and what it is under.</summary>
/// <param name="Region">Where its data lies.</param>
/// <param name="Compliant">Whether every rule allows that region.</param>
/// <param name="Rules">The rules that it is under, by code.</param>
internal sealed record TenantCompliance([property: Example("eu")] string Region, bool Compliant, IReadOnlyList<AppliedRule> Rules);

/// <summary>A rule that a tenant is under.</summary>
/// <param name="Code">What it is named by.</param>
/// <param name="Name">What it is called.</param>
/// <param name="AllowedRegions">The regions whose database servers may hold the data.</param>
internal sealed record AppliedRule([property: Example("gdpr")] string Code, string Name, [property: Example("""["eu"]""")] IReadOnlyList<string> AllowedRegions);

internal static partial class ComplianceCodes
{
    /// <summary>Most rules of a tenant.</summary>
    public const int MostRules = 20;

    /// <summary>Whether a text can be a rule's code or a region.</summary>
    public static bool IsCode(string? text) => text is not null && Code().IsMatch(text);

    [GeneratedRegex(@"^[a-z0-9-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Code();
}
