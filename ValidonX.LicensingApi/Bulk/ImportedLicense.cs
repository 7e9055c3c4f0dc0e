using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>One row of an import: a new license by the same rules as one that is made alone, and what an export says besides.</summary>
internal sealed record ImportedLicense : NewLicense
{
    /// <summary>The code of the product that it is for, in the place of <c>product_id</c>.</summary>
    [Code(64)]
    [Example("acme-studio")]
    public string? Product { get; init; }

    /// <summary>The state in which it is to be; <c>expired</c> is <c>active</c>, whether it has expired follows from its expiry.</summary>
    [Words(ShownLicenseStatus.Active, ShownLicenseStatus.Suspended, ShownLicenseStatus.Expired, ShownLicenseStatus.Revoked)]
    public string? Status { get; init; }

    /// <summary>The state as it is stored.</summary>
    public LicenseStatus StoredStatus => Status switch
    {
        ShownLicenseStatus.Suspended => LicenseStatus.Suspended,
        ShownLicenseStatus.Revoked => LicenseStatus.Revoked,
        _ => LicenseStatus.Active,
    };
}
