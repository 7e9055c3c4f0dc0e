namespace ValidonX.Platform.Rollups;

/// <summary>The limits that are told apart; what any other one refused counts as the key's.</summary>
public static class RollupLayers
{
    /// <summary>The quota of a tenant's month.</summary>
    public const string Tenant = "tenant";

    /// <summary>The quota of an endpoint.</summary>
    public const string Endpoint = "endpoint";
}
