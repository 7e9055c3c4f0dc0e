namespace ValidonX.LicensingApi.Licenses;

/// <summary>The statuses of a license as shown: what its vendor has decided and the clock together.</summary>
internal static class ShownLicenseStatus
{
    public const string Active = "active";
    public const string Suspended = "suspended";
    public const string Expired = "expired";
    public const string Revoked = "revoked";

    /// <summary>How a state is shown. Within its grace period a license is still active.</summary>
    public static string Of(LicenseState state) =>
        state switch
        {
            LicenseState.Active or LicenseState.Grace => Active,
            LicenseState.Expired => Expired,
            LicenseState.Suspended => Suspended,
            _ => Revoked,
        };
}
