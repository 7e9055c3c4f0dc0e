using System.Text.Json;
using ValidonX.Platform.Api;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Plans;

/// <summary>A plan as anyone may see it.</summary>
/// <param name="Code">What it is named by.</param>
/// <param name="Name">Its name.</param>
/// <param name="PriceCents">Its price in hundredths of the currency; null is "ask us".</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="BillingPeriod">What the price is for.</param>
/// <param name="TrialDays">How many days a new tenant may try it.</param>
/// <param name="Entitlements">What it allows, by code; null is "unlimited".</param>
/// <param name="Meters">What usage beyond what is included costs.</param>
internal sealed record ShownPlan(
    string Code,
    string Name,
    long? PriceCents,
    string Currency,
    [property: Fields.Words("month", "year")] string BillingPeriod,
    int TrialDays,
    [property: PlanEntitlements] RawJson Entitlements,
    IReadOnlyList<ShownMeter> Meters)
{
    /// <summary>A plan's entitlements as a flat object.</summary>
    public static RawJson Flat(IEnumerable<TenantEntitlement> entitlements) =>
        new($"{{{string.Join(',', entitlements.Select(one => $"{JsonSerializer.Serialize(one.Code, LicensingJson.Default.String)}:{one.Json ?? "null"}"))}}}");
}

/// <summary>A plan as operators see it.</summary>
/// <param name="Code">What it is named by.</param>
/// <param name="Name">Its name.</param>
/// <param name="PriceCents">Its price in hundredths of the currency; null is "ask us".</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="BillingPeriod">What the price is for.</param>
/// <param name="TrialDays">How many days a new tenant may try it.</param>
/// <param name="Public">Whether anyone may see and choose it.</param>
/// <param name="Position">Its place among the plans.</param>
/// <param name="Entitlements">What it allows, by code; null is "unlimited".</param>
/// <param name="Meters">What usage beyond what is included costs.</param>
/// <param name="Version">Raised by every change; a replacement names the one that it replaces.</param>
/// <param name="Tenants">How many tenants have it, closed ones too.</param>
internal sealed record OperatorPlan(
    string Code,
    string Name,
    long? PriceCents,
    string Currency,
    [property: Fields.Words("month", "year")] string BillingPeriod,
    int TrialDays,
    bool Public,
    int Position,
    [property: PlanEntitlements] RawJson Entitlements,
    IReadOnlyList<ShownMeter> Meters,
    int Version,
    long Tenants);

/// <summary>What usage costs in a calendar month, beyond what a plan includes of it.</summary>
/// <param name="Metric">What is counted.</param>
/// <param name="Included">How much of it is included.</param>
/// <param name="Unit">How many the price is for.</param>
/// <param name="PriceCents">Their price.</param>
internal sealed record ShownMeter([property: Fields.Example("api_calls")] string Metric, long Included, long Unit, long PriceCents);

/// <summary>The answer that holds one plan.</summary>
internal sealed record PlanAnswer(OperatorPlan Plan);

/// <summary>A plan is gone.</summary>
/// <param name="Deleted">True.</param>
/// <param name="Code">What it was named by.</param>
internal sealed record DeletedPlan(bool Deleted, string Code);
