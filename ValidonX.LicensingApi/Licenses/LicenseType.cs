namespace ValidonX.LicensingApi.Licenses;

/// <summary>The types of a license, as stored and as shown.</summary>
internal enum LicenseType
{
    /// <summary>Bought once.</summary>
    Perpetual,

    /// <summary>Paid period by period; see <see cref="LicenseBilling"/>.</summary>
    Subscription,

    /// <summary>To try the product.</summary>
    Trial,

    /// <summary>Seats that go from one instance to another.</summary>
    Floating,
}
