using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Policies;

namespace ValidonX.LicensingApi.Activations;

/// <summary>What an app may say of itself when it asks after its activation.</summary>
internal sealed record ActivationQuestion : IRequest
{
    /// <inheritdoc/>
    public static bool IsOptional => true;

    /// <summary>Components of the machine as it is now, to be compared with those that it was activated with; what is not sent is not compared.</summary>
    [Components]
    [Example("""{"cpu": "BFEBFBFF000906EA", "disk": "S3Z8NB0K", "mac": "3c:22:fb:01:02:03"}""")]
    public IReadOnlyDictionary<string, string>? Fingerprints { get; init; }

    /// <summary>Where the app runs, by ISO 3166: `DE`, or `DE-BY`. Needed where the license is only for some regions; taken at its word.</summary>
    [Region]
    [Example("DE")]
    public string? Region { get; init; }
}

/// <summary>What an app may say of itself with a heartbeat.</summary>
internal sealed record HeartbeatRequest : IRequest
{
    /// <inheritdoc/>
    public static bool IsOptional => true;

    /// <summary>Where the app runs, by ISO 3166: `DE`, or `DE-BY`. Needed where the license is only for some regions; taken at its word.</summary>
    [Region]
    [Example("DE")]
    public string? Region { get; init; }
}
