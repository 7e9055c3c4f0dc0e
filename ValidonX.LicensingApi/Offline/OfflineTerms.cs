using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Offline;

/// <summary>What a license's policy says of verdicts for who is offline: nothing that is signed outlives what the policy grants.</summary>
internal static class OfflineTerms
{
    /// <summary>Why there is none.</summary>
    /// <param name="terms">The license.</param>
    /// <param name="instanceId">The instance that it is for, if for one. Of a floating license it has to be: without a seat it would be good for anybody.</param>
    public static ApiError? Refusal(LicenseTerms terms, string? instanceId) =>
        terms.Policy.OfflineDays == 0 ? ApiErrors.LicenseRestricted(Reasons.Offline, null)
        : terms.Type == LicenseType.Floating && instanceId is null ? ApiErrors.ValidationFailed("instance_id", "Is required for a floating license: its verdicts are for an instance that has a seat.")
        : null;

    /// <summary>How long a lease is good by itself, and how much longer for who finds nobody to ask: as the tenant has set it, or for as many days as the policy says in all.</summary>
    public static (TimeSpan Lifetime, TimeSpan Grace) Of(Policy policy, Signing signing)
    {
        if (policy.OfflineDays is not { } days)
        {
            return (signing.Lease, signing.Grace);
        }

        // Keys stay published for as long as the longest lease.
        var all = Shorter(TimeSpan.FromDays(days), SigningKeys.LongestLease);
        var lifetime = Shorter(signing.Lease, all);
        return (lifetime, all - lifetime);
    }

    /// <summary>How long a license file is good.</summary>
    public static TimeSpan OfFile(Policy policy, int days) => TimeSpan.FromDays(Math.Min(days, policy.OfflineDays ?? days));

    /// <summary>The end of what it is given for: the seat's lease, and the hours in which the license is good.</summary>
    public static DateTimeOffset? Until(Policy policy, DateTimeOffset? lease, DateTimeOffset now)
    {
        var hours = policy.AllowedHours?.EndOf(now);
        return lease is null || hours < lease ? hours ?? lease : lease;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
