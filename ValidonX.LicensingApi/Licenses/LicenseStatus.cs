namespace ValidonX.LicensingApi.Licenses;

/// <summary>What a vendor has decided about a license, as stored.</summary>
internal enum LicenseStatus
{
    /// <summary>In force, as long as it has not expired.</summary>
    Active,

    /// <summary>On hold.</summary>
    Suspended,

    /// <summary>Over for good.</summary>
    Revoked,
}
