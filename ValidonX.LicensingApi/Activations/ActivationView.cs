using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>The answer to "is this activation still good?".</summary>
internal sealed record ActivationValidity(bool Valid, ShownActivation Activation, ShownLicense License);

/// <summary>An activation as it is kept in memory, with the answer to "validate" as bytes for the license and state it was last asked in.</summary>
internal sealed class ActivationView(ActivationRow row, string licenseKey)
{
    private Rendered? _last;

    /// <summary>The key of its license.</summary>
    public string LicenseKey { get; } = licenseKey;

    /// <summary>The whole answer to "validate" with this license in this state, as JSON.</summary>
    public ReadOnlyMemory<byte> Validity(LicenseView license, LicenseState state)
    {
        var last = _last;
        if (last is null || last.License != license || last.State != state)
        {
            var isValid = row.Status == ActivationStatus.Active && LicenseView.IsValid(state);
            var json = Envelope.Render(new ActivationValidity(isValid, row.Show(), license.Show(state)), LicensingJson.Default.ActivationValidity);
            _last = last = new Rendered(license, state, json);
        }

        return last.Json;
    }

    private sealed record Rendered(LicenseView License, LicenseState State, byte[] Json);
}
