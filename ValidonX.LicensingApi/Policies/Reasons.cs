namespace ValidonX.LicensingApi.Policies;

/// <summary>Why a verdict is no, in one word, for programs; docs/licensing.md has the table of all of them, which a test compares with these.</summary>
internal static class Reasons
{
    /// <summary>The license has expired, grace included.</summary>
    public const string LicenseExpired = "license_expired";

    /// <summary>Its vendor has put the license on hold.</summary>
    public const string LicenseSuspended = "license_suspended";

    /// <summary>The vendor has freed the seat.</summary>
    public const string Revoked = "revoked";

    /// <summary>The app has given the seat back.</summary>
    public const string Released = "released";

    /// <summary>No heartbeat came in time.</summary>
    public const string LeaseEnded = "lease_ended";

    /// <summary>Another machine has taken the seat over.</summary>
    public const string TakenOver = "taken_over";

    /// <summary>The lease had ended, and all seats are taken now.</summary>
    public const string SeatTaken = "seat_taken";

    /// <summary>The lease had ended, and the instance has another activation now.</summary>
    public const string Superseded = "superseded";

    /// <summary>The machine is another one, by its components.</summary>
    public const string FingerprintMismatch = "fingerprint_mismatch";

    /// <summary>The license is not for this region.</summary>
    public const string Region = "region";

    /// <summary>The license is for some regions only, and the app has not said where it runs.</summary>
    public const string RegionUnknown = "region_unknown";

    /// <summary>The license is good later.</summary>
    public const string NotYetValid = "not_yet_valid";

    /// <summary>The license is not for this hour.</summary>
    public const string Hours = "hours";

    /// <summary>The license has no verdicts for who is offline.</summary>
    public const string Offline = "offline";
}
