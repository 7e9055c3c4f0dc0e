using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Domains;

namespace ValidonX.LicensingApi.Domains;

/// <summary>A host, in whatever spelling; kept in its canonical one.</summary>
internal sealed class HostAttribute() : TextAttribute(HostName.MaximumLength, 3)
{
    /// <inheritdoc/>
    protected override object? Accept(string text, FieldPlace place) =>
        HostName.TryParse(text, out var host) ? host.Value : place.Fail("Must be a host name such as licenses.acme.example: no address, no port, no path.");
}
