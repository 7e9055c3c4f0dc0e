using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Policies;

/// <summary>Whether a license that is in force is good here and now, by its policy.</summary>
internal static class Restrictions
{
    /// <summary>Why it is not; <see langword="null"/> when it is. A region that is not told is none of those allowed, and may be one of those denied.</summary>
    /// <param name="policy">The license's policy.</param>
    /// <param name="region">Where the app says it runs.</param>
    /// <param name="now">The moment.</param>
    public static ApiError? Refusal(Policy policy, string? region, DateTimeOffset now)
    {
        if (!policy.IsRestricting)
        {
            return null;
        }

        if (policy.NeedsRegion)
        {
            if (region is null)
            {
                return ApiErrors.LicenseRestricted(Reasons.RegionUnknown, null);
            }

            if ((policy.AllowedRegions is { Count: > 0 } allowed && !IsIn(allowed, region)) || (policy.DeniedRegions is { } denied && IsIn(denied, region)))
            {
                return ApiErrors.LicenseRestricted(Reasons.Region, null);
            }
        }

        return policy.ValidFrom is { } start && now < start ? ApiErrors.LicenseRestricted(Reasons.NotYetValid, start)
            : policy.AllowedHours is { } hours && hours.EndOf(now) is null ? ApiErrors.LicenseRestricted(Reasons.Hours, hours.NextAfter(now))
            : null;
    }

    /// <summary>Whether a list has the region, or the country that it is a part of.</summary>
    private static bool IsIn(IReadOnlyList<string> regions, string region) =>
        regions.Any(one => region == one || (region.Length > one.Length && region[one.Length] == '-' && region.StartsWith(one, StringComparison.Ordinal)));
}
