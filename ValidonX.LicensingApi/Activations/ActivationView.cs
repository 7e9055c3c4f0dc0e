using System.Text.Json.Serialization;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>The answer to "is this activation still good?".</summary>
internal sealed record ActivationValidity(bool Valid, ShownActivation Activation, ShownLicense License)
{
    /// <summary>Why it is not valid; there only then.</summary>
    [Words(
        Reasons.LicenseExpired,
        Reasons.LicenseSuspended,
        Reasons.Revoked,
        Reasons.Released,
        Reasons.TakenOver,
        Reasons.LeaseEnded,
        Reasons.FingerprintMismatch)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>The verdict on an activation.</summary>
    public static ActivationValidity Of(ActivationRow row, bool isOtherMachine, LicenseView license, LicenseState state, DateTimeOffset now)
    {
        var reason = LicenseView.Reason(state) ?? ActivationStatus.Reason(row.StatusAt(now)) ?? (isOtherMachine ? Reasons.FingerprintMismatch : null);
        return new ActivationValidity(reason is null, row.Show(now), license.Show(state)) { Reason = reason };
    }
}

/// <summary>An activation as it is kept in memory, with the answer to "validate" as bytes for the license and state it was last asked in.</summary>
internal sealed class ActivationView(ActivationRow row, string licenseKey)
{
    private Rendered? _last;

    /// <summary>The key of its license.</summary>
    public string LicenseKey { get; } = licenseKey;

    /// <summary>What is known of it. Of one that is leased it is only where it belongs: heartbeats tell nobody, so the rest is read anew.</summary>
    public ActivationRow Row { get; } = row;

    /// <summary>The whole answer to "validate" with this license in this state, as JSON; for one without a lease.</summary>
    public ReadOnlyMemory<byte> Validity(LicenseView license, LicenseState state)
    {
        var last = _last;
        if (last is null || last.License != license || last.State != state)
        {
            var json = Envelope.Render(
                ActivationValidity.Of(Row, isOtherMachine: false, license, state, DateTimeOffset.MinValue), LicensingJson.Default.ActivationValidity);
            _last = last = new Rendered(license, state, json);
        }

        return last.Json;
    }

    private sealed record Rendered(LicenseView License, LicenseState State, byte[] Json);
}
