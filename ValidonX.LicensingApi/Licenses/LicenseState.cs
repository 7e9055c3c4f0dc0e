namespace ValidonX.LicensingApi.Licenses;

/// <summary>What a license is worth at a moment: its stored status and the clock together.</summary>
internal enum LicenseState
{
    /// <summary>In force.</summary>
    Active,

    /// <summary>Expired, and still in force until the end of its grace period.</summary>
    Grace,

    /// <summary>Expired, grace included.</summary>
    Expired,

    /// <summary>Put on hold by its vendor.</summary>
    Suspended,

    /// <summary>Over for good.</summary>
    Revoked,
}
