using ValidonX.LicensingApi.Licenses;

namespace ValidonX.LicensingApi.Resolution;

/// <summary>What a license is worth to an app that thinks in subscriptions: one word, and until when it is good all the same.</summary>
/// <param name="Status">One of the words below (CONTRACT §3, resolve).</param>
/// <param name="IsValid">Whether the app may run.</param>
/// <param name="GracePeriodEndsAt">While it may run only for some time yet.</param>
internal sealed record LicenseResolution(string Status, bool IsValid, DateTimeOffset? GracePeriodEndsAt)
{
    public const string Active = "active";
    public const string Trialing = "trialing";
    public const string PastDue = "past_due";
    public const string Paused = "paused";
    public const string Canceled = "canceled";
    public const string Expired = "expired";

    /// <summary>The resolution of a license. (One that is revoked is not told of; it is good for nothing here either.)</summary>
    /// <param name="terms">The license.</param>
    /// <param name="now">The moment.</param>
    /// <param name="pastDueGrace">How long an unpaid subscription stays good.</param>
    public static LicenseResolution Of(LicenseTerms terms, DateTimeOffset now, TimeSpan pastDueGrace)
    {
        var state = terms.StateAt(now);
        if (state == LicenseState.Suspended)
        {
            return new(Paused, false, null);
        }

        if (state == LicenseState.Revoked)
        {
            return new(Canceled, false, null);
        }

        switch (terms.Billing)
        {
            case LicenseBilling.Paused:
                return new(Paused, false, null);
            case LicenseBilling.PastDue:
                // The expiry is the end of the period that was paid: what counts is how long ago payment failed.
                var end = LicenseTerms.Later(terms.BillingSince ?? terms.ExpiresAt ?? now, pastDueGrace);
                return now < end ? new(PastDue, true, end) : new(PastDue, false, null);
            case LicenseBilling.Canceled:
                return new(Canceled, terms.ExpiresAt is { } periodEnd && now < periodEnd, null);
        }

        return state switch
        {
            LicenseState.Active => new(InForce(terms), true, null),
            LicenseState.Grace => new(InForce(terms), true, terms.EndsAt),
            _ => new(Expired, false, null),
        };
    }

    private static string InForce(LicenseTerms terms) =>
        terms.Billing is LicenseBilling.Trialing || (terms.Billing is null && terms.Type is LicenseType.Trial) ? Trialing : Active;
}
