using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Policies;

namespace ValidonX.LicensingApi.Offline;

/// <summary>What an app may want beside the verdict.</summary>
internal sealed record LeaseQuestion : IRequest
{
    /// <inheritdoc/>
    public static bool IsOptional => true;

    /// <summary>Whether the verdict is to come signed, too, so that it can be relied on while nobody can be asked.</summary>
    public bool Lease { get; init; }

    /// <summary>Any text of the app's own, given back in the signed verdict: it proves that the verdict is no older than the question.</summary>
    [Text(128)]
    [Example("8c1f0b7e")]
    public string? Nonce { get; init; }

    /// <summary>Where the app runs, by ISO 3166: `DE`, or `DE-BY`. Needed where the license is only for some regions; taken at its word.</summary>
    [Region]
    [Example("DE")]
    public string? Region { get; init; }

    /// <summary>The activated instance that the signed verdict is for, and for no other.</summary>
    [Text(255)]
    [Example("workstation-7")]
    public string? InstanceId { get; init; }
}
