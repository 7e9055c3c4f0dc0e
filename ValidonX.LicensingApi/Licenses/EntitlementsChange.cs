using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>Other entitlements.</summary>
internal sealed record EntitlementsChange : IRequest
{
    /// <summary>What the license allows from now on, by code; what is not there it does not allow any more.</summary>
    [Entitlements]
    [Example("""{"export.pdf": true, "seats": 10}""")]
    public required EntitlementList Entitlements { get; init; }
}
