using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>A license key of the vendor's own.</summary>
internal sealed class LicenseKeyAttribute() : TextAttribute(LicenseKeyText.MaximumLength, LicenseKeyText.MinimumLength)
{
    /// <inheritdoc/>
    protected override object? Accept(string text, FieldPlace place) =>
        LicenseKeyText.IsWellFormed(text) ? text : place.Fail("Must have 6 to 128 visible ASCII characters.");
}
