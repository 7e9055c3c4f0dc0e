namespace ValidonX.ServiceDefaults.Health;

/// <summary>Where the health of a service is asked for.</summary>
public static class HealthPaths
{
    /// <summary>Ready to serve.</summary>
    public const string Ready = "/health";

    /// <summary>The process runs.</summary>
    public const string Alive = "/alive";
}
