using System.Globalization;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Limits;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Activations;

/// <summary>How many seats there are; <see langword="null"/> is unlimited.</summary>
/// <param name="Sold">Of the license: its own policy's number, else its entitlement's, its product's, its plan's.</param>
/// <param name="Allowed">With the overage that the policy tolerates.</param>
/// <param name="Total">Of the tenant altogether.</param>
internal sealed record SeatLimits(long? Sold, long? Allowed, long? Total)
{
    /// <summary>The condition for the rows that <see cref="Of"/> needs; <c>e</c> is <c>entitlements</c>, <c>l</c> is <c>license_keys</c>.</summary>
    public const string Rows = $"e.license_id IN ('', l.id) AND e.code IN ('{EntitlementCodes.ActivationsPerLicense}', '{EntitlementCodes.ActivationsTotal}')";

    /// <summary>The limits of a license.</summary>
    public static SeatLimits Of(LicenseTerms terms, IReadOnlyList<LimitRow> rows)
    {
        var own = rows.FirstOrDefault(row => row.LicenseId.Length > 0 && row.Code == EntitlementCodes.ActivationsPerLicense && row.Kind == EntitlementKind.Number);
        var sold = terms.OwnPolicy.MaxActivations
            ?? (own is not null ? (long?)Whole(own.Value!) : null)
            ?? terms.ProductPolicy.MaxActivations
            ?? PlanLimit.Parse(Tenant(rows, EntitlementCodes.ActivationsPerLicense));
        return new SeatLimits(sold, terms.Policy.WithOverage(sold), PlanLimit.Parse(Tenant(rows, EntitlementCodes.ActivationsTotal)));
    }

    private static string? Tenant(IReadOnlyList<LimitRow> rows, string code) =>
        rows.FirstOrDefault(row => row.LicenseId.Length == 0 && row.Code == code)?.Value;

    // A license's number is any JSON number that its vendor wrote.
    private static long Whole(string value) => (long)Math.Max(0, decimal.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture));
}

/// <summary>A row of <c>entitlements</c> that limits seats.</summary>
internal sealed class LimitRow
{
    public string LicenseId { get; init; } = "";

    public string Code { get; init; } = "";

    public string Kind { get; init; } = "";

    public string? Value { get; init; }
}
