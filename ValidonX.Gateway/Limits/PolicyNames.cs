using ValidonX.Platform.Rollups;

namespace ValidonX.Gateway.Limits;

/// <summary>The policies of CONTRACT §4, as header fields, refusals and Redis keys name them.</summary>
internal static class PolicyNames
{
    /// <summary>Calls with one API key in a short window.</summary>
    public const string Key = "key";

    /// <summary>All calls of a tenant in a calendar month.</summary>
    public const string Tenant = RollupLayers.Tenant;

    /// <summary>Calls of one endpoint with one API key in a short window.</summary>
    public const string Endpoint = RollupLayers.Endpoint;

    /// <summary>Attempts to sign in.</summary>
    public const string Login = "login";
}
